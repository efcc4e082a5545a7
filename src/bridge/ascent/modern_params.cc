#include "bridge/ascent/modern_params.h"

#include <algorithm>
#include <iterator>

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

void remove_within(rpc::ObjectEdit& object, std::string_view key, std::string_view inner_key) {
  rpc::ObjectEdit inner(object.get(key).value_or(""));
  if (inner.remove(inner_key)) object.set(key, inner.write());
}

}  // namespace

Claim read_claim(std::string_view raw_initialize_params, std::string_view revision) {
  Claim claim;
  const auto info = rpc::member(raw_initialize_params, "clientInfo");
  if (info && info->starts_with('{')) claim.raw_client_info = *info;
  const auto capabilities = rpc::member(raw_initialize_params, "capabilities");
  claim.raw_capabilities = modern_capabilities(capabilities.value_or("{}"), revision);
  return claim;
}

std::string modern_capabilities(std::string_view raw_capabilities, std::string_view revision) {
  rpc::ObjectEdit capabilities(raw_capabilities);
  capabilities.remove("tasks");
  remove_within(capabilities, "roots", "listChanged");
  remove_within(capabilities, "extensions", kTasksExtension);
  if (revision < mcp::kRevision20250618) {
    capabilities.remove("elicitation");
  } else if (revision < mcp::kRevision20251125) {
    remove_within(capabilities, "elicitation", "url");
  }
  return capabilities.write();
}

std::string with_claim(std::string_view raw_params, const Claim& claim) {
  rpc::ObjectEdit params(raw_params);
  rpc::ObjectEdit meta(params.get("_meta").value_or(""));
  meta.set(mcp::kModernClaim, rpc::quoted(mcp::kRevision20260728));
  meta.set(mcp::kClientCapabilities, claim.raw_capabilities);
  if (!claim.raw_client_info.empty()) meta.set(mcp::kClientInfo, claim.raw_client_info);
  if (!claim.log_level.empty()) meta.set(mcp::kLogLevel, rpc::quoted(claim.log_level));
  params.remove("task");
  params.set("_meta", meta.write());
  return params.write();
}

bool is_log_level(std::string_view level) {
  static constexpr std::string_view kLevels[] = {"debug", "info",     "notice", "warning",
                                                 "error", "critical", "alert",  "emergency"};
  return std::find(std::begin(kLevels), std::end(kLevels), level) != std::end(kLevels);
}

}  // namespace dogpipe::bridge::ascent
