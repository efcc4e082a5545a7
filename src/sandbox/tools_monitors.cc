#include <fmt/format.h>

#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/chance.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

std::string field_of(const Monitor& monitor, std::string_view key) {
  if (key.empty()) return monitor.name + " " + monitor.query;
  if (key == "id") return fmt::to_string(monitor.id);
  if (key == "title" || key == "name") return monitor.name;
  if (key == "status") return monitor.status;
  if (key == "type") return monitor.type;
  if (key == "service") return monitor.service;
  if (key == "team") return monitor.team;
  return "";
}

ToolAnswer search(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"id", "name", "status", "type", "service", "team", "query", "changed"});
  for (const Monitor& monitor : world.monitors) {
    if (!query.matches([&](auto key) { return field_of(monitor, key); })) continue;
    table.row({fmt::to_string(monitor.id), monitor.name, monitor.status, monitor.type,
               monitor.service, monitor.team, monitor.query, iso_time(monitor.changed)});
  }
  return table.answer(arguments);
}

ToolAnswer validate(const World&, json::Value arguments) {
  const std::string_view query = arguments["query"].text_or("");
  const bool good = query.find('{') != std::string_view::npos &&
                    query.find_first_of("<>") != std::string_view::npos;
  json::Writer out;
  out.begin_object().member("valid", good);
  if (!good) out.member("error", "a query has a scope in braces and a threshold");
  return json_answer(out.end_object().take(), arguments);
}

ToolAnswer create(const World&, json::Value arguments) {
  json::Writer out;
  const std::string name(arguments["name"].text_or(""));
  out.begin_object().member("id", 50000 + mix(name, 7) % 1000).member("name", name);
  return json_answer(out.member("draft", true).end_object().take(), arguments);
}

ToolAnswer coverage(const World& world, json::Value arguments) {
  Table table({"service", "monitors"});
  for (const Service& service : world.services) {
    int count = 0;
    for (const Monitor& monitor : world.monitors) count += monitor.service == service.name ? 1 : 0;
    table.row({service.name, fmt::to_string(count)});
  }
  return table.answer(arguments);
}

}  // namespace

void add_monitor_tools(std::vector<Tool>& tools, const World&) {
  Schema searching;
  searching
      .text("query", "Monitor search: status:Alert, service:payments-api, words.", "status:Alert")
      .paged();
  add_both(tools, "get_monitors", "search_datadog_monitors",
           make_tool("Search monitors", "Monitors and their status.", searching, search));

  const auto add = [&](const char* name, Tool tool, bool reads) {
    tool.name = name;
    tool.toolsets = {"alerting"};
    tool.reads = reads;
    tools.push_back(std::move(tool));
  };
  Schema checking;
  checking.text("query", "The monitor's query.", "avg(last_5m):postgresql.connections{*} > 190",
                Schema::Need::required);
  add("validate_datadog_monitor",
      make_tool("Validate a monitor", "Checks a monitor's query.", checking, validate), true);
  Schema creating = checking;
  creating.text("name", "What people read.", "Connections", Schema::Need::required);
  add("create_datadog_monitor",
      make_tool("Create a monitor", "Drafts a monitor that notifies nobody.", creating, create),
      false);
  add("get_monitor_coverage",
      make_tool("Monitor coverage", "How many monitors each service has.", Schema().paged(),
                coverage),
      true);
}

}  // namespace dogpipe::sandbox
