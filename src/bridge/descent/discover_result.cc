#include "bridge/descent/discover_result.h"

#include <fmt/format.h>

#include "bridge/descent/modern_result.h"
#include "bridge/descent/taskless.h"
#include "mcp/revision.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {
std::string discover_result(std::string_view raw_initialize_result) {
  rpc::ObjectEdit edit(raw_initialize_result);
  const std::string raw_server_info(edit.get("serverInfo").value_or(std::string_view()));
  edit.remove("protocolVersion");
  edit.remove("serverInfo");
  edit.set("supportedVersions", fmt::format(R"(["{}"])", mcp::kRevision20260728));
  edit.set("capabilities",
           taskless_capabilities(edit.get("capabilities").value_or(std::string_view())));
  return modern_result("server/discover", edit.write(), raw_server_info);
}

}  // namespace dogpipe::bridge::descent
