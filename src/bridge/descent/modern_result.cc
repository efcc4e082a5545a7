#include "bridge/descent/modern_result.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bridge/descent/taskless.h"
#include "mcp/revision.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::array<std::string_view, 6> kCacheable = {
    "server/discover", "tools/list",     "prompts/list",
    "resources/list",  "resources/read", "resources/templates/list"};

}  // namespace

std::string modern_result(std::string_view method, std::string_view raw_result,
                          std::string_view raw_server_info) {
  if (raw_result.empty() || raw_result.front() != '{') return std::string(raw_result);
  rpc::ObjectEdit edit(raw_result);
  if (method == "tools/list") {
    const auto raw_tools = edit.get("tools");
    if (auto kept = taskless_tools(raw_tools.value_or(std::string_view()))) {
      edit.set("tools", std::move(*kept));
    }
  }
  edit.set("resultType", R"("complete")");
  if (std::find(kCacheable.begin(), kCacheable.end(), method) != kCacheable.end()) {
    edit.set("ttlMs", "0");
    edit.set("cacheScope", R"("private")");
  }
  if (!raw_server_info.empty()) {
    rpc::ObjectEdit meta(edit.get("_meta").value_or(std::string_view()));
    meta.set(mcp::kServerInfo, std::string(raw_server_info));
    edit.set("_meta", meta.write());
  }
  return edit.write();
}

}  // namespace dogpipe::bridge::descent
