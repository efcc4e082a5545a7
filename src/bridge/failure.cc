#include "bridge/failure.h"

#include <fmt/format.h>

#include "mcp/codes.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using base::Kind;

struct Class {
  int code;
  std::string_view kind;
  bool retryable;
};

Class class_of(Kind kind) {
  switch (kind) {
    case Kind::unreachable:
      return {mcp::kUnreachable, "network", true};
    case Kind::tls:
      return {mcp::kTls, "tls", true};
    case Kind::untrusted:
      return {mcp::kTls, "tls", false};
    case Kind::proxy:
      return {mcp::kProxy, "proxy", true};
    case Kind::forbidden:
      return {mcp::kProxy, "proxy", false};
    case Kind::timed_out:
      return {mcp::kTimedOut, "timeout", true};
    case Kind::too_large:
      return {mcp::kTooLarge, "too_large", false};
    case Kind::cut:
      return {mcp::kUnreachable, "network", true};
    case Kind::denied:
      return {mcp::kSignInFailed, "sign_in_failed", false};
    case Kind::cancelled:
      return {mcp::kShuttingDown, "shutting_down", true};
    case Kind::malformed:
    case Kind::usage:
    case Kind::file:
      return {mcp::kMalformed, "malformed", false};
  }
  return {mcp::kMalformed, "malformed", false};
}

}  // namespace

Failure read_failure(const base::Error& error, Evidence evidence) {
  const Class its = class_of(error.kind);
  Failure failure;
  failure.code = its.code;
  failure.kind = its.kind;
  failure.message = error.what;
  failure.retryable = its.retryable;
  failure.timed_out = error.kind == Kind::timed_out;
  failure.executed = executed(evidence);
  return failure;
}

Failure read_failure(const auth::Impediment& impediment) {
  using Why = auth::Impediment::Kind;
  Failure failure;
  switch (impediment.kind) {
    case Why::sign_in_required:
      failure.code = mcp::kSignInRequired;
      failure.kind = "sign_in_required";
      break;
    case Why::sign_in_failed:
      failure.code = mcp::kSignInFailed;
      failure.kind = "sign_in_failed";
      break;
    case Why::unreachable:
      failure.code = mcp::kUnreachable;
      failure.kind = "network";
      break;
    case Why::token_store:
      failure.code = mcp::kTokenStore;
      failure.kind = "token_store";
      break;
  }
  failure.message = impediment.what;
  failure.retryable =
      impediment.kind == Why::sign_in_required || impediment.kind == Why::unreachable;
  failure.url = impediment.url;
  failure.login_command = impediment.command;
  return failure;
}

std::string write_failure(std::string_view raw_id, const Failure& failure) {
  std::string data = fmt::format(
      R"({{"source":"dogpipe","kind":"{}","retryable":{},"executed":"{}","attempts":{})",
      failure.kind, failure.retryable, failure.executed == Executed::no ? "no" : "unknown",
      failure.attempts);
  if (!raw_id.empty()) data += fmt::format(R"(,"requestId":{})", raw_id);
  if (failure.retry_after)
    data += fmt::format(R"(,"retryAfterMs":{})", failure.retry_after->count());
  if (failure.http_status) data += fmt::format(R"(,"httpStatus":{})", *failure.http_status);
  if (!failure.url.empty()) data += ",\"url\":" + rpc::quoted(failure.url);
  if (!failure.login_command.empty()) {
    data += ",\"loginCommand\":" + rpc::quoted(failure.login_command);
  }
  data += '}';
  return rpc::write_error(raw_id, failure.code, failure.message, data);
}

std::string write_refusal(std::string_view raw_id, int code, std::string_view message,
                          std::string_view raw_data) {
  return rpc::write_error(raw_id, code, message,
                          raw_data.empty() ? R"({"source":"dogpipe"})" : raw_data);
}

}  // namespace dogpipe::bridge
