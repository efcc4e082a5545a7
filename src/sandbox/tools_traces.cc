#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

constexpr Instant kHour = 60 * kMinute;

std::string field_of(const Span& span, std::string_view key) {
  if (key.empty()) return span.resource + " " + span.message;
  if (key == "service") return span.service;
  if (key == "host") return span.host;
  if (key == "operation_name") return span.operation;
  if (key == "resource_name") return span.resource;
  if (key == "status") return span.error ? "error" : "ok";
  if (key == "http.status_code") return fmt::to_string(span.http_status);
  if (key == "trace_id") return span.trace_id;
  if (key == "env") return "production";
  return "";
}

void write_span(json::Writer& out, const Span& span) {
  out.begin_object().member("span_id", span.id).member("parent_id", span.parent_id);
  out.member("service", span.service).member("operation_name", span.operation);
  out.member("resource_name", span.resource).member("host", span.host);
  out.member("start", iso_time(span.start)).member("duration_us", span.duration_us);
  out.member("status", span.error ? "error" : "ok");
  if (span.http_status != 0) out.member("http.status_code", span.http_status);
  if (span.error) out.member("error.message", span.message);
  out.end_object();
}

ToolAnswer get_trace(const World& world, json::Value arguments) {
  const std::string_view id = arguments["trace_id"].text_or("");
  json::Writer out;
  int spans = 0;
  out.begin_object().member("trace_id", id).name("spans").begin_array();
  for (const Span& span : world.spans) {
    if (span.trace_id != id) continue;
    ++spans;
    write_span(out, span);
  }
  if (spans == 0) return tool_error("No such trace in the last 15 days.");
  out.end_array().name("logs").begin_array();
  for (const Log& log : world.logs) {
    if (log.trace_id == id) out.value(log.id);
  }
  return json_answer(out.end_array().end_object().take(), arguments);
}

ToolAnswer list(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const Query query(arguments["query"].text_or("*"));
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(arguments["limit"].integer_or(50), 1));
  Table table({"start", "service", "resource_name", "duration_ms", "status", "host", "trace_id",
               "span_id"});
  for (auto span = world.spans.rbegin(); span != world.spans.rend() && table.size() < most;
       ++span) {
    if (!range->holds(span->start)) continue;
    if (!query.matches([&](auto key) { return field_of(*span, key); })) continue;
    table.row({iso_time(span->start), span->service, span->resource,
               fmt::to_string(span->duration_us / 1000), span->error ? "error" : "ok", span->host,
               span->trace_id, span->id});
  }
  return table.answer(arguments);
}

ToolAnswer aggregate(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const Query query(arguments["query"].text_or("*"));
  const std::string key(arguments["group_by"].text_or("service"));
  struct Sum {
    std::int64_t count, errors, duration_us;
  };
  std::map<std::string, Sum> sums;
  for (const Span& span : world.spans) {
    if (!range->holds(span.start)) continue;
    if (!query.matches([&](auto name) { return field_of(span, name); })) continue;
    Sum& sum = sums[field_of(span, key)];
    ++sum.count;
    sum.errors += span.error ? 1 : 0;
    sum.duration_us += span.duration_us;
  }
  Table table({key, "count", "errors", "avg_duration_ms"});
  for (const auto& [value, sum] : sums) {
    table.row({value, fmt::to_string(sum.count), fmt::to_string(sum.errors),
               fmt::to_string(sum.duration_us / sum.count / 1000)});
  }
  return table.answer(arguments);
}

}  // namespace

void add_trace_tools(std::vector<Tool>& tools, const World& world) {
  Schema one;
  one.text("trace_id", "32 hexadecimal digits, from a log or a span.", world.failed_trace(),
           Schema::Need::required)
      .paged();
  add_both(tools, "get_trace", "get_datadog_trace",
           make_tool("Get a trace", "All spans of a trace, and its logs.", one, get_trace));

  Schema searching;
  searching
      .text("query", "Span search: service:payments-api status:error.", "status:error",
            Schema::Need::required)
      .range()
      .integer("limit", "At most so many spans.", 50, 1)
      .paged();
  add_both(
      tools, "list_spans", "search_datadog_spans",
      make_tool("Search spans", "Spans by query and time; the latest first.", searching, list));

  Schema grouping;
  grouping.text("query", "Span search.", "*", Schema::Need::required)
      .choice("group_by", "The field to group by.", {"service", "resource_name", "host", "status"})
      .range()
      .paged();
  Tool tool =
      make_tool("Aggregate spans", "Counts, errors and durations by a field.", grouping, aggregate);
  tool.name = "aggregate_spans";
  tool.toolsets = {"core"};
  tools.push_back(tool);
  tool.name = "apm_search_spans";
  tool.toolsets = {"apm"};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
