#include "bridge/descent/taskless.h"

#include "rpc/members.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {
namespace {

bool needs_task(std::string_view raw_tool) {
  const auto execution = rpc::member(raw_tool, "execution");
  const auto support = execution ? rpc::member(*execution, "taskSupport") : std::nullopt;
  return support && rpc::string_value(*support) == "required";
}

}  // namespace

std::string taskless_capabilities(std::string_view raw_capabilities) {
  rpc::ObjectEdit edit(raw_capabilities);
  edit.remove("tasks");
  if (const auto raw_extensions = edit.get("extensions")) {
    rpc::ObjectEdit extensions(*raw_extensions);
    if (extensions.remove("io.modelcontextprotocol/tasks")) {
      edit.set("extensions", extensions.write());
    }
    if (extensions.empty()) edit.remove("extensions");
  }
  return edit.write();
}

std::optional<std::string> taskless_tools(std::string_view raw_tools) {
  std::string kept;
  bool dropped = false;
  rpc::for_each_element(raw_tools, [&](std::string_view tool) {
    if (needs_task(tool)) {
      dropped = true;
      return;
    }
    kept += kept.empty() ? '[' : ',';
    kept += tool;
  });
  if (!dropped) return std::nullopt;
  return kept.empty() ? "[]" : kept + ']';
}

}  // namespace dogpipe::bridge::descent
