#include "sandbox/letter.h"

#include <utility>

namespace dogpipe::sandbox {
namespace {

bool sort_in(Letter& letter, const json::Value& message) {
  if (message["jsonrpc"].text_or("") != "2.0") return false;
  const json::Value id = message["id"];
  if (message["method"].is_string()) {
    if (!id.exists()) {
      letter.notifications.push_back(message);
      return true;
    }
    letter.requests.push_back(message);
    return id.is_string() || id.is_number();
  }
  letter.responses.push_back(message);
  return id.exists() && (message["result"].exists() || message["error"].exists());
}

}  // namespace

base::Result<Letter> read_letter(std::string_view body) {
  // As lenient as JSON allows: what is deep or says a name twice may still have to come back.
  auto document = json::read(body, {.bytes = body.size(), .depth = 1024, .unique_names = false});
  if (!document) return std::move(document).error();
  Letter letter;
  letter.document = std::make_shared<const json::Document>(*std::move(document));
  const json::Value root = letter.document->root();
  const base::Error invalid{base::Kind::usage, "Invalid Request"};
  if (!root.is_array()) {
    if (!sort_in(letter, root)) return invalid;
    return letter;
  }
  letter.batch = true;
  if (root.size() == 0) return invalid;
  for (const json::Value message : root) {
    if (!sort_in(letter, message)) return invalid;
  }
  return letter;
}

}  // namespace dogpipe::sandbox
