#include "bridge/ascent/listen_filter.h"

#include <algorithm>
#include <iterator>

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {

std::string ListenFilter::write() const {
  rpc::ObjectEdit filter("{}");
  if (lists.tools) filter.set("toolsListChanged", "true");
  if (lists.prompts) filter.set("promptsListChanged", "true");
  if (lists.resources) filter.set("resourcesListChanged", "true");
  std::string uris;
  for (const auto& [uri, raw] : resources) uris += (uris.empty() ? "[" : ",") + raw;
  if (!uris.empty()) filter.set("resourceSubscriptions", uris + "]");
  return filter.write();
}

std::set<std::string> acknowledged_resources(std::string_view raw_params) {
  const std::string_view filter = rpc::member(raw_params, "notifications").value_or("");
  std::set<std::string> uris;
  rpc::for_each_element(rpc::member(filter, "resourceSubscriptions").value_or(""),
                        [&](std::string_view raw) {
                          if (auto uri = rpc::string_value(raw)) uris.insert(std::move(*uri));
                        });
  return uris;
}

bool is_change(std::string_view escaped_method) {
  static constexpr std::string_view kChanges[] = {
      "notifications/tools/list_changed", "notifications/prompts/list_changed",
      "notifications/resources/list_changed", "notifications/resources/updated"};
  return std::any_of(std::begin(kChanges), std::end(kChanges),
                     [&](std::string_view method) { return rpc::spells(escaped_method, method); });
}

std::string untagged(std::string_view raw_params) {
  rpc::ObjectEdit params(raw_params);
  rpc::ObjectEdit meta(params.get("_meta").value_or(""));
  meta.remove(mcp::kSubscriptionId);
  if (meta.empty()) {
    params.remove("_meta");
  } else {
    params.set("_meta", meta.write());
  }
  return params.empty() ? std::string() : params.write();
}

}  // namespace dogpipe::bridge::ascent
