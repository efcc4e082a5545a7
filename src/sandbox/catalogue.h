// All tools of the stand-in, and which of them a session sees.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/tool.h"

namespace dogpipe::sandbox {

// What a client asked for in the toolsets header or query and in omit_tools.
struct Selection {
  std::vector<std::string> toolsets;  // empty: the default ones
  std::vector<std::string> omitted;
  std::vector<std::string> besides;  // open in any case
};

// Tools by the names that the client knows them by, in the order of the catalogue.
using NamedTools = std::vector<std::pair<std::string, const Tool*>>;

class Catalogue {
 public:
  explicit Catalogue(const World& world);

  // Unknown names are passed over. "all" means every toolset but the previews.
  std::vector<const Tool*> select(const Selection& selection) const;
  // The JSON of the resource datadog://mcp/toolsets.
  std::string toolsets_json(const Selection& selection) const;

 private:
  std::vector<Tool> tools_;
};

// The tool as it stands in a tools/list result, under the name that the client knows it by.
std::string write_tool(const Tool& tool, std::string_view name, bool second_edition = false);

const std::string& input_schema(const Tool& tool, bool second_edition);

// Each domain adds its own.
void add_log_tools(std::vector<Tool>& tools, const World& world);
void add_metric_tools(std::vector<Tool>& tools, const World& world);
void add_monitor_tools(std::vector<Tool>& tools, const World& world);
void add_trace_tools(std::vector<Tool>& tools, const World& world);
void add_incident_tools(std::vector<Tool>& tools, const World& world);
void add_dashboard_tools(std::vector<Tool>& tools, const World& world);
void add_notebook_tools(std::vector<Tool>& tools, const World& world);
void add_infrastructure_tools(std::vector<Tool>& tools, const World& world);
void add_rum_tools(std::vector<Tool>& tools, const World& world);
void add_synthetics_tools(std::vector<Tool>& tools, const World& world);
void add_event_tools(std::vector<Tool>& tools, const World& world);
void add_docs_tools(std::vector<Tool>& tools, const World& world);
void add_other_tools(std::vector<Tool>& tools, const World& world);
void add_trial_tools(std::vector<Tool>& tools);
void add_invalid_tools(std::vector<Tool>& tools);

}  // namespace dogpipe::sandbox
