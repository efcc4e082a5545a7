#include <fmt/format.h>

#include <map>

#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

constexpr Instant kDay = 24 * 60 * kMinute;

std::string field_of(const Event& event, std::string_view key) {
  if (key.empty()) return event.title + " " + event.text;
  if (key == "source") return event.source;
  if (key == "service") return event.service;
  return key == "title" ? event.title : "";
}

ToolAnswer search(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kDay);
  if (!range) return tool_error(range.error().what);
  const Query query(arguments["query"].text_or("*"));
  Table table({"timestamp", "source", "service", "title", "text", "id"});
  for (const Event& event : world.events) {
    if (!range->holds(event.time)) continue;
    if (!query.matches([&](auto key) { return field_of(event, key); })) continue;
    table.row(
        {iso_time(event.time), event.source, event.service, event.title, event.text, event.id});
  }
  return table.answer(arguments);
}

ToolAnswer aggregate(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kDay);
  if (!range) return tool_error(range.error().what);
  const Query query(arguments["query"].text_or("*"));
  const std::string key(arguments["group_by"].text_or("source"));
  std::map<std::string, int> counts;
  for (const Event& event : world.events) {
    if (!range->holds(event.time)) continue;
    if (query.matches([&](auto name) { return field_of(event, name); }))
      ++counts[field_of(event, key)];
  }
  Table table({key, "count"});
  for (const auto& [value, count] : counts) table.row({value, fmt::to_string(count)});
  return table.answer(arguments);
}

}  // namespace

void add_event_tools(std::vector<Tool>& tools, const World&) {
  add_both(
      tools, "get_events", "search_datadog_events",
      make_tool("Search events", "Deployments, alerts and incidents; the latest first.",
                Schema().text("query", "source:deployment, words.", "*").range().paged(), search));
  Tool tool = make_tool("Aggregate events", "Counts by a field.",
                        Schema()
                            .text("query", "Event search.", "*")
                            .choice("group_by", "The field to group by.", {"source", "service"})
                            .range()
                            .paged(),
                        aggregate);
  tool.name = "aggregate_events";
  tool.toolsets = {"core"};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
