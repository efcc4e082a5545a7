#include "bridge/ascent/legacy_error.h"

#include <fmt/format.h>

#include <charconv>

#include "bridge/failure.h"
#include "mcp/codes.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::ascent {
namespace {

std::string_view data_of(std::string_view raw_error) {
  return rpc::member(raw_error, "data").value_or("");
}

std::string missing_capability(std::string_view raw_id, std::string_view raw_error) {
  const auto required = rpc::member(data_of(raw_error), "requiredCapabilities");
  std::string names;
  for (const char* known : {"elicitation", "sampling", "roots"}) {
    if (!required || !rpc::member(*required, known)) continue;
    names += names.empty() ? ": " : ", ";
    names += known;
  }
  return write_refusal(raw_id, mcp::kInternalError,
                       "the server needs a capability that this client has not declared" + names);
}

std::string resource_not_found(std::string_view raw_id, std::string_view raw_error) {
  rpc::ObjectEdit error(raw_error);
  error.set("code", std::to_string(mcp::kResourceNotFound));
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{}}})", raw_id, error.write());
}

}  // namespace

std::optional<int> error_code(std::string_view raw_error) {
  const auto raw = rpc::member(raw_error, "code");
  int code = 0;
  if (!raw) return std::nullopt;
  const char* const end = raw->data() + raw->size();
  const auto [at, error] = std::from_chars(raw->data(), end, code);
  if (error != std::errc() || at != end) return std::nullopt;
  return code;
}

std::optional<std::string> legacy_error(std::string_view raw_id, std::string_view method,
                                        std::string_view raw_error) {
  const auto code = error_code(raw_error);
  if (code == mcp::kHeaderMismatch) {
    return write_refusal(raw_id, mcp::kInternalError,
                         "the server found header fields and body of the request at odds");
  }
  if (code == mcp::kMissingCapability) return missing_capability(raw_id, raw_error);
  if (code == mcp::kUnsupportedRevision) {
    return rpc::write_error(raw_id, mcp::kInvalidParams, "Unsupported protocol version",
                            data_of(raw_error));
  }
  const bool not_found = code == mcp::kInvalidParams && method == "resources/read" &&
                         rpc::member(data_of(raw_error), "uri").has_value();
  if (not_found) return resource_not_found(raw_id, raw_error);
  return std::nullopt;
}

base::Bytes legacy_error_answer(std::string_view raw_id, std::string_view method,
                                const Message& message) {
  const auto known = legacy_error(raw_id, method, message.envelope.error.in(message.text));
  return known ? base::Bytes(*known) : rpc::with_id(message.text, message.envelope, raw_id);
}

std::string write_incompatible(std::string_view raw_id, const Message& answer) {
  if (answer.envelope.shape == rpc::Shape::error) {
    const std::string_view error = answer.envelope.error.in(answer.text);
    return rpc::write_error(raw_id, mcp::kInvalidParams, "Unsupported protocol version",
                            rpc::member(error, "data").value_or(""));
  }
  const auto list = rpc::member(answer.envelope.result.in(answer.text), "supportedVersions");
  const std::string data = fmt::format(R"({{"supported":{},"requested":"{}"}})",
                                       list.value_or("[]"), mcp::kRevision20260728);
  return rpc::write_error(raw_id, mcp::kInvalidParams, "Unsupported protocol version", data);
}

}  // namespace dogpipe::bridge::ascent
