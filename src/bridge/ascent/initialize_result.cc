#include "bridge/ascent/initialize_result.h"

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

bool is_object(std::string_view raw) { return raw.starts_with('{'); }

bool has_string(std::string_view object, std::string_view key) {
  const auto found = rpc::member(object, key);
  return found && found->starts_with('"');
}

std::string named_info(std::string_view raw_info, std::string_view host_name) {
  rpc::ObjectEdit info(raw_info);
  if (!has_string(raw_info, "name")) info.set("name", rpc::quoted(host_name));
  if (!has_string(raw_info, "version")) info.set("version", "\"unknown\"");
  return info.write();
}

// The server's tasks are not those of 2025-11-25, and the bridge does not translate them.
std::string without_tasks(std::string_view raw_capabilities) {
  rpc::ObjectEdit capabilities(raw_capabilities);
  capabilities.remove("tasks");
  rpc::ObjectEdit extensions(capabilities.get("extensions").value_or(""));
  if (extensions.remove("io.modelcontextprotocol/tasks")) {
    capabilities.set("extensions", extensions.write());
    if (extensions.empty()) capabilities.remove("extensions");
  }
  return capabilities.write();
}

bool is_true(std::string_view object, std::string_view key, std::string_view inner_key) {
  const auto inner = rpc::member(object, key);
  return inner && rpc::member(*inner, inner_key) == "true";
}

}  // namespace

std::string_view revision_for(std::string_view requested) {
  for (const std::string_view known : {mcp::kRevision20241105, mcp::kRevision20250326,
                                       mcp::kRevision20250618, mcp::kRevision20251125}) {
    if (requested == known) return known;
  }
  return mcp::kRevision20251125;
}

std::string initialize_result(std::string_view raw_discover_result, std::string_view revision,
                              std::string_view host_name) {
  rpc::ObjectEdit result(raw_discover_result);
  rpc::ObjectEdit meta(result.get("_meta").value_or(""));
  const std::string info = named_info(meta.get(mcp::kServerInfo).value_or(""), host_name);
  const std::string capabilities = without_tasks(result.get("capabilities").value_or(""));
  for (const char* key : {"resultType", "ttlMs", "cacheScope", "supportedVersions"}) {
    result.remove(key);
  }
  if (meta.remove(mcp::kServerInfo)) result.set("_meta", meta.write());
  if (meta.empty()) result.remove("_meta");
  result.set("protocolVersion", rpc::quoted(revision));
  result.set("capabilities", capabilities);
  result.set("serverInfo", info);
  return result.write();
}

Offers read_offers(std::string_view raw_discover_result) {
  const std::string_view capabilities =
      rpc::member(raw_discover_result, "capabilities").value_or("");
  Offers offers;
  offers.changes.tools = is_true(capabilities, "tools", "listChanged");
  offers.changes.prompts = is_true(capabilities, "prompts", "listChanged");
  offers.changes.resources = is_true(capabilities, "resources", "listChanged");
  offers.logging = is_object(rpc::member(capabilities, "logging").value_or(""));
  offers.subscriptions = is_true(capabilities, "resources", "subscribe");
  return offers;
}

}  // namespace dogpipe::bridge::ascent
