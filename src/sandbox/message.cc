#include "sandbox/message.h"

#include <algorithm>
#include <array>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::string_view, 8> kLevels = {"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};

auto rank(std::string_view level) { return std::find(kLevels.begin(), kLevels.end(), level); }

}  // namespace

std::string notification(std::string_view method, std::string_view params) {
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").member("method", method);
  if (!params.empty()) out.raw_member("params", params);
  return out.end_object().take();
}

std::string response(std::string_view id, std::string_view result) {
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").raw_member("id", id).raw_member("result", result);
  return out.end_object().take();
}

std::string error_response(std::string_view id, std::int64_t code, std::string_view message,
                           std::string_view data) {
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").raw_member("id", id).name("error").begin_object();
  out.member("code", code).member("message", message);
  if (!data.empty()) out.raw_member("data", data);
  return out.end_object().end_object().take();
}

std::string response(std::string_view id, const Outcome& outcome) {
  return outcome.failed() ? error_response(id, outcome.code, outcome.message, outcome.data)
                          : response(id, std::string_view(outcome.result));
}

std::string idless_error(std::int64_t code, std::string_view message) {
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").name("error").begin_object();
  return out.member("code", code).member("message", message).end_object().end_object().take();
}

std::string merged(std::string_view object, std::string_view more) {
  if (more == "{}") return std::string(object);
  if (object == "{}") return std::string(more);
  std::string both(object.substr(0, object.size() - 1));
  return both.append(",").append(more.substr(1));
}

bool logs_at(std::string_view least, std::string_view level) { return rank(level) >= rank(least); }

bool is_log_level(std::string_view level) { return rank(level) != kLevels.end(); }

}  // namespace dogpipe::sandbox
