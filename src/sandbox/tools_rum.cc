#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

constexpr Instant kHour = 60 * kMinute;

std::string field_of(const RumEvent& event, std::string_view key) {
  if (key.empty()) return event.message + " " + event.view;
  if (key == "type") return event.type;
  if (key == "session.id") return event.session_id;
  if (key == "view" || key == "view.url_path") return event.view;
  if (key == "browser" || key == "browser.name") return event.browser;
  if (key == "country" || key == "geo.country") return event.country;
  if (key == "trace_id") return event.trace_id;
  return key == "service" ? "web-store" : "";
}

std::vector<const RumEvent*> find(const World& world, const json::Value& arguments,
                                  const Range& range) {
  const Query query(arguments["query"].text_or("*"));
  std::vector<const RumEvent*> found;
  for (const RumEvent& event : world.rum) {
    if (!range.holds(event.time)) continue;
    if (query.matches([&](auto key) { return field_of(event, key); })) found.push_back(&event);
  }
  return found;
}

ToolAnswer search(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(arguments["limit"].integer_or(50), 1));
  Table table({"timestamp", "type", "view", "message", "duration_ms", "browser", "country",
               "session_id", "trace_id"});
  for (const RumEvent* event : find(world, arguments, *range)) {
    if (table.size() == most) break;
    table.row({iso_time(event->time), event->type, event->view, event->message,
               fmt::to_string(event->duration_ms), event->browser, event->country,
               event->session_id, event->trace_id});
  }
  return table.answer(arguments);
}

ToolAnswer aggregate(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const std::string key(arguments["group_by"].text_or("view"));
  std::map<std::string, int> counts;
  for (const RumEvent* event : find(world, arguments, *range)) ++counts[field_of(*event, key)];
  Table table({key, "count"});
  for (const auto& [value, count] : counts) table.row({value, fmt::to_string(count)});
  return table.answer(arguments);
}

}  // namespace

void add_rum_tools(std::vector<Tool>& tools, const World&) {
  Schema searching;
  searching
      .text("query", "RUM search: type:error, view:/checkout, words.", "type:error",
            Schema::Need::required)
      .range()
      .integer("limit", "At most so many events.", 50, 1)
      .paged();
  add_both(
      tools, "search_rum_events", "search_datadog_rum_events",
      make_tool("Search RUM events", "What browsers saw; the latest first.", searching, search));
  Schema grouping;
  grouping.text("query", "RUM search.", "*", Schema::Need::required)
      .choice("group_by", "The field to group by.", {"view", "type", "browser", "country"})
      .range()
      .paged();
  Tool tool = make_tool("Aggregate RUM events", "Counts by a field.", grouping, aggregate);
  tool.name = "aggregate_rum_events";
  tool.toolsets = {"core"};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
