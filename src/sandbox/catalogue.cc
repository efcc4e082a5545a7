#include "sandbox/catalogue.h"

#include <algorithm>
#include <array>
#include <set>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

struct Toolset {
  std::string_view name;
  std::string_view description;
  bool by_default;
  bool preview;
};

constexpr std::array kToolsets = {
    Toolset{"core", "Logs, metrics, traces, monitors, incidents, dashboards, hosts", true, false},
    Toolset{"classic", "The fifteen tools under their names of 2025", true, false},
    Toolset{"alerting", "Monitors in depth, SLOs", false, false},
    Toolset{"synthetics", "Synthetic tests", false, false},
    Toolset{"security", "Signals and findings", false, false},
    Toolset{"apm", "Trace queries and change stories", false, true},
    Toolset{"remote-actions", "Commands on hosts", false, true},
    Toolset{"trials", "Tools that ask, announce and mirror, for tests", false, true},
    Toolset{"invalid", "Tools whose x-mcp-header is wrong", false, true},
};

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool enabled(const Toolset& toolset, const std::vector<std::string>& asked) {
  if (asked.empty()) return toolset.by_default;
  return contains(asked, toolset.name) || (contains(asked, "all") && !toolset.preview);
}

}  // namespace

Catalogue::Catalogue(const World& world) {
  add_docs_tools(tools_, world);
  add_event_tools(tools_, world);
  add_incident_tools(tools_, world);
  add_metric_tools(tools_, world);
  add_monitor_tools(tools_, world);
  add_synthetics_tools(tools_, world);
  add_trace_tools(tools_, world);
  add_dashboard_tools(tools_, world);
  add_notebook_tools(tools_, world);
  add_infrastructure_tools(tools_, world);
  add_log_tools(tools_, world);
  add_rum_tools(tools_, world);
  add_other_tools(tools_, world);
  add_trial_tools(tools_);
  add_invalid_tools(tools_);
}

std::vector<const Tool*> Catalogue::select(const Selection& selection) const {
  std::set<std::string_view> open;
  for (const Toolset& toolset : kToolsets) {
    if (enabled(toolset, selection.toolsets) || contains(selection.besides, toolset.name)) {
      open.insert(toolset.name);
    }
  }
  std::vector<const Tool*> chosen;
  for (const Tool& tool : tools_) {
    const bool wanted = std::any_of(tool.toolsets.begin(), tool.toolsets.end(),
                                    [&](const auto& name) { return open.count(name) != 0; });
    if (wanted && !contains(selection.omitted, tool.name)) chosen.push_back(&tool);
  }
  return chosen;
}

std::string Catalogue::toolsets_json(const Selection& selection) const {
  json::Writer out;
  const auto list = [&](const char* name, auto belongs) {
    out.name(name).begin_array();
    for (const Toolset& toolset : kToolsets) {
      if (belongs(toolset)) out.value(toolset.name);
    }
    out.end_array();
  };
  out.begin_object().name("available").begin_array();
  for (const Toolset& toolset : kToolsets) {
    if (toolset.preview) continue;
    out.begin_object().member("name", toolset.name).member("description", toolset.description);
    out.end_object();
  }
  out.end_array();
  list("enabled", [&](const Toolset& t) { return enabled(t, selection.toolsets); });
  list("default", [](const Toolset& t) { return t.by_default; });
  out.name("aliases").begin_object().name("all").begin_object();
  list("expandsTo", [](const Toolset& t) { return !t.preview; });
  return out.end_object().end_object().end_object().take();
}

const std::string& input_schema(const Tool& tool, bool second_edition) {
  return second_edition && !tool.second_schema.empty() ? tool.second_schema : tool.input_schema;
}

std::string write_tool(const Tool& tool, std::string_view name, bool second_edition) {
  json::Writer out;
  out.begin_object().member("name", name).member("title", tool.title);
  out.member("description", tool.description);
  out.raw_member("inputSchema", input_schema(tool, second_edition));
  if (!tool.output_schema.empty()) out.raw_member("outputSchema", tool.output_schema);
  out.name("annotations").begin_object().member("title", tool.title);
  if (tool.reads) {
    out.member("readOnlyHint", true);
  } else if (tool.destroys) {
    out.member("destructiveHint", true);
  }
  return out.member("openWorldHint", false).end_object().end_object().take();
}

}  // namespace dogpipe::sandbox
