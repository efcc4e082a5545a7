#include "cli/state.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/log.h"
#include "cli/exit_code.h"
#include "json/writer.h"

namespace dogpipe::cli {

int status_of(const base::Error& error) {
  switch (error.kind) {
    case base::Kind::usage:
      return kUsage;
    case base::Kind::unreachable:
    case base::Kind::tls:
    case base::Kind::proxy:
    case base::Kind::forbidden:
    case base::Kind::cut:
      return kUnreachable;
    case base::Kind::file:
      return kUnexpected;
    default:
      return kSignInNeeded;
  }
}

namespace {

const char* code_of(int status) {
  switch (status) {
    case kUsage:
      return "usage";
    case kUnreachable:
      return "unreachable";
    case kSignInNeeded:
      return "auth_required";
    default:
      return "unexpected";
  }
}

}  // namespace

int complain(const base::Error& error, bool json) {
  const int status = status_of(error);
  if (!json) {
    fmt::print(stderr, "dogpipe: {}\n", base::printable(error.what));
    return status;
  }
  json::Writer out;
  out.begin_object().name("error").begin_object();
  out.member("code", code_of(status)).member("message", error.what);
  fmt::print(stderr, "{}\n", out.end_object().end_object().take());
  return status;
}

int complain_of_store(base::Error error, bool json) {
  error.kind = base::Kind::file;
  return complain(error, json);
}

}  // namespace dogpipe::cli
