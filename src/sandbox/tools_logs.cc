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

std::string field_of(const Log& log, std::string_view key) {
  if (key.empty()) return log.message;
  if (key == "service") return log.service;
  if (key == "host") return log.host;
  if (key == "status") return log.status;
  if (key == "trace_id") return log.trace_id;
  if (key == "span_id") return log.span_id;
  if (key == "env") return "production";
  return "";
}

std::vector<const Log*> find_logs(const World& world, const Query& query, const Range& range) {
  std::vector<const Log*> found;
  for (const Log& log : world.logs) {
    if (range.holds(log.time) && query.matches([&](auto key) { return field_of(log, key); })) {
      found.push_back(&log);
    }
  }
  return found;
}

ToolAnswer search(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  Table table({"timestamp", "status", "service", "host", "message", "trace_id", "id"});
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(arguments["limit"].integer_or(50), 1));
  for (const Log* log : find_logs(world, Query(arguments["query"].text_or("*")), *range)) {
    if (table.size() == most) break;
    table.row({iso_time(log->time), log->status, log->service, log->host, log->message,
               log->trace_id, log->id});
  }
  return table.answer(arguments);
}

// Counts by one field: all that the stand-in knows of SQL.
ToolAnswer analyze(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const std::string sql(arguments["sql_query"].text_or(""));
  std::string field = "service";
  for (const char* known : {"status", "host"}) {
    if (sql.find(std::string("GROUP BY ") + known) != std::string::npos) field = known;
  }
  std::map<std::string, int> counts;
  for (const Log* log : find_logs(world, Query(arguments["filter"].text_or("*")), *range)) {
    ++counts[field_of(*log, field)];
  }
  Table table({field, "count"});
  for (const auto& [value, count] : counts) table.row({value, fmt::to_string(count)});
  return table.answer(arguments);
}

}  // namespace

void add_log_tools(std::vector<Tool>& tools, const World&) {
  Schema searching;
  searching
      .text("query", "Log search: service:checkout-api status:error, words, -excluded, *.",
            "service:payments-api status:error", Schema::Need::required)
      .range()
      .integer("limit", "At most so many logs.", 50, 1)
      .paged();
  add_both(tools, "search_logs", "search_datadog_logs",
           make_tool("Search logs", "Searches logs by query and time; the latest first.", searching,
                     search));
  Schema analysis;
  analysis
      .text("sql_query", "SQL over the table logs, with one GROUP BY.",
            "SELECT service, count(*) FROM logs GROUP BY service", Schema::Need::required)
      .text("filter", "Log search that limits the table.", "status:error")
      .range()
      .paged();
  Tool tool = make_tool("Analyze logs", "Counts logs by a field, with SQL.", analysis, analyze);
  tool.name = "analyze_datadog_logs";
  tool.toolsets = {"core"};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
