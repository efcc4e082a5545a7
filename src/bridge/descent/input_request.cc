#include "bridge/descent/input_request.h"

#include <fmt/format.h>

#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::string_view kElicitation = "elicitation/create";
constexpr std::string_view kSampling = "sampling/createMessage";
constexpr std::string_view kRoots = "roots/list";

std::optional<std::string_view> object_member(std::string_view object, std::string_view key) {
  const auto raw = rpc::member(object, key);
  return raw && !raw->empty() && raw->front() == '{' ? raw : std::nullopt;
}

std::optional<Unasked> unmet_elicitation(std::string_view raw_params,
                                         std::string_view raw_capabilities) {
  const auto raw_mode = rpc::member(raw_params, "mode");
  const auto mode = raw_mode ? rpc::string_value(*raw_mode) : "form";
  if (mode != "form" && mode != "url") return Unasked{mcp::kInvalidParams, {}};
  const auto declared = object_member(raw_capabilities, "elicitation");
  // An empty object means forms alone (client/elicitation, "Capabilities").
  const bool met = declared && (object_member(*declared, *mode) ||
                                (mode == "form" && !object_member(*declared, "url")));
  if (met) return std::nullopt;
  return Unasked{declared ? mcp::kInvalidParams : mcp::kMethodNotFound,
                 fmt::format(R"({{"elicitation":{{"{}":{{}}}}}})", *mode)};
}

std::optional<Unasked> unmet_sampling(std::string_view raw_params,
                                      std::string_view raw_capabilities) {
  const auto declared = object_member(raw_capabilities, "sampling");
  if (!declared) return Unasked{mcp::kMethodNotFound, R"({"sampling":{}})"};
  const bool tools = rpc::member(raw_params, "tools") || rpc::member(raw_params, "toolChoice");
  if (!tools || object_member(*declared, "tools")) return std::nullopt;
  return Unasked{mcp::kInvalidParams, R"({"sampling":{"tools":{}}})"};
}

}  // namespace

bool may_require_input(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

bool is_input_request(std::string_view method) {
  return method == kElicitation || method == kSampling || method == kRoots;
}

std::optional<Unasked> unmet_capability(std::string_view method, std::string_view raw_params,
                                        std::string_view raw_capabilities) {
  if (method == kElicitation) return unmet_elicitation(raw_params, raw_capabilities);
  if (method == kSampling) return unmet_sampling(raw_params, raw_capabilities);
  if (object_member(raw_capabilities, "roots")) return std::nullopt;
  return Unasked{mcp::kMethodNotFound, R"({"roots":{}})"};
}

std::string input_request(std::string_view method, std::string_view raw_params) {
  rpc::ObjectEdit edit(raw_params);
  edit.remove("task");
  if (method == kElicitation) edit.remove("elicitationId");
  if (const auto raw_meta = edit.get("_meta")) {
    rpc::ObjectEdit meta(*raw_meta);
    meta.remove("progressToken");
    meta.remove("io.modelcontextprotocol/related-task");
    if (meta.empty()) {
      edit.remove("_meta");
    } else {
      edit.set("_meta", meta.write());
    }
  }
  if (edit.empty()) return fmt::format(R"({{"method":"{}"}})", method);
  return fmt::format(R"({{"method":"{}","params":{}}})", method, edit.write());
}

void InputRequests::add(std::string_view key, std::string_view raw_input_request) {
  if (!members_.empty()) members_ += ',';
  members_ += rpc::quoted(key);
  members_ += ':';
  members_ += raw_input_request;
}

std::string input_key(std::size_t n) { return fmt::format("input-{}", n); }

std::string input_required(std::string_view raw_input_requests, std::string_view raw_state) {
  std::string result = R"({"resultType":"input_required","inputRequests":)";
  result += raw_input_requests;
  if (!raw_state.empty()) {
    result += R"(,"requestState":)";
    result += raw_state;
  }
  result += '}';
  return result;
}

}  // namespace dogpipe::bridge::descent
