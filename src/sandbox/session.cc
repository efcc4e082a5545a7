#include "sandbox/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.h"

namespace dogpipe::sandbox {

using namespace std::chrono_literals;

ClientAbilities read_abilities(json::Value capabilities) {
  const json::Value elicitation = capabilities["elicitation"];
  ClientAbilities abilities;
  // An empty object means form mode (2025-11-25, elicitation).
  abilities.elicitation_form =
      elicitation["form"].exists() || (elicitation.is_object() && elicitation.size() == 0);
  abilities.elicitation_url = elicitation["url"].exists();
  abilities.sampling = capabilities["sampling"].exists();
  abilities.roots = capabilities["roots"].exists();
  return abilities;
}

Session::Session(Context& context, std::string id, int number, std::string version,
                 const ClientAbilities& abilities, Selection selection)
    : context_(context),
      id_(std::move(id)),
      number_(number),
      version_(std::move(version)),
      abilities_(abilities),
      selection_(std::move(selection)),
      began_(context.loop.now()) {}

std::vector<std::pair<std::string, const Tool*>> Session::tools() const {
  std::vector<std::pair<std::string, const Tool*>> named;
  const bool renamed = context_.quirks.rename_tools && number_ > 1;
  for (const Tool* tool : context_.catalogue.select(selection_)) {
    named.emplace_back(renamed ? fmt::format("{}_v{}", tool->name, number_) : tool->name, tool);
  }
  return named;
}

bool Session::tools_ready() const {
  return context_.loop.now() - began_ >= context_.quirks.late_tools * 300ms;
}

Stream& Session::open_stream(int cut_after, bool prime) {
  sweep();
  // The id must be unguessable to nobody but the session's holder, who has to name the session too.
  std::string id = fmt::format("s{}", ++streams_opened_);
  auto made = std::make_unique<Stream>(context_.loop, context_.quirks, context_.ledger, id,
                                       cut_after, prime && version_ >= "2025-11-25");
  return *(streams_[std::move(id)] = std::move(made));
}

Stream* Session::find_stream(std::string_view id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

Stream* Session::listening() {
  Stream* stream = find_stream(listening_);
  return stream != nullptr && (stream->attached() || stream->resumable()) ? stream : nullptr;
}

void Session::sweep() {
  const bool many = streams_.size() > 64;
  std::erase_if(streams_, [many](const auto& entry) {
    const Stream& stream = *entry.second;
    return stream.delivered() && (many || stream.bytes() > (1u << 20));
  });
}

std::string Session::ask(Stream& stream, std::string_view method, std::string_view params_json,
                         OnAnswer told) {
  std::string id = fmt::format("sandbox-{}", ++asked_);
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").member("id", id).member("method", method);
  if (!params_json.empty()) out.raw_member("params", params_json);
  waiting_[id] = std::move(told);
  stream.send(out.end_object().take());
  return id;
}

bool Session::answered(json::Value response) {
  const auto found = waiting_.find(response["id"].text_or(""));
  if (found == waiting_.end()) return false;
  const OnAnswer told = std::move(found->second);
  waiting_.erase(found);
  told(response);
  return true;
}

void Session::begin_call(std::unique_ptr<Call> call) {
  std::erase_if(calls_, [](const auto& old) { return old->over(); });
  Call& begun = *call;
  calls_.push_back(std::move(call));
  begun.begin();
}

bool Session::cancel_call(std::string_view id) {
  for (const auto& call : calls_) {
    if (call->over() || call->id() != id) continue;
    call->cancel();
    return true;
  }
  return false;
}

}  // namespace dogpipe::sandbox
