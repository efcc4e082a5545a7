#include <algorithm>

#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

constexpr Instant kHour = 60 * kMinute;
constexpr Instant kPoints = 60;

const Metric* find_metric(const World& world, std::string_view name) {
  for (const Metric& metric : world.metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

// "avg:system.cpu.user{service:web-store} by {host}" in parts.
struct MetricQuery {
  std::string aggregation = "avg";
  std::string metric;
  std::string scope = "*";
};

MetricQuery read_query(std::string_view text) {
  MetricQuery query;
  const std::size_t open = text.find('{');
  if (open != std::string_view::npos) {
    query.scope = text.substr(open + 1, text.find('}', open) - open - 1);
    text = text.substr(0, open);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    query.aggregation = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  query.metric = text;
  return query;
}

ToolAnswer series(const World& world, json::Value arguments) {
  const auto range = read_range(arguments, kHour);
  if (!range) return tool_error(range.error().what);
  const MetricQuery query = read_query(arguments["query"].text_or(""));
  const Metric* metric = find_metric(world, query.metric);
  if (metric == nullptr) return tool_error("No such metric: try search_datadog_metrics.");
  const std::string service =
      query.scope.rfind("service:", 0) == 0 ? query.scope.substr(8) : std::string();
  const Instant step =
      std::max<Instant>((range->to - range->from) / kPoints / kMinute, 1) * kMinute;
  json::Writer out;
  out.begin_object().member("metric", metric->name).member("unit", metric->unit);
  out.member("aggregation", query.aggregation).member("scope", query.scope);
  out.member("interval_ms", step).name("points").begin_array();
  for (Instant time = range->from; time <= range->to && time - range->from <= kPoints * step;
       time += step) {
    out.begin_array().value(time).raw(number_text(world.value(*metric, service, time))).end_array();
  }
  return json_answer(out.end_array().end_object().take(), arguments, true);
}

ToolAnswer list(const World& world, json::Value arguments) {
  std::string pattern(arguments["name_filter"].text_or("*"));
  if (pattern.find('*') == std::string::npos) pattern = "*" + pattern + "*";
  Table table({"name", "type", "unit", "description"});
  for (const Metric& metric : world.metrics) {
    if (!matches_pattern(pattern, metric.name)) continue;
    table.row({metric.name, metric.type, metric.unit, metric.description});
  }
  return table.answer(arguments);
}

ToolAnswer context(const World& world, json::Value arguments) {
  const Metric* metric = find_metric(world, arguments["metric_name"].text_or(""));
  if (metric == nullptr) return tool_error("No such metric: try search_datadog_metrics.");
  json::Writer out;
  out.begin_object().member("name", metric->name).member("type", metric->type);
  out.member("unit", metric->unit).member("description", metric->description);
  out.name("tags").begin_object().name("service").begin_array();
  for (const Service& service : world.services) out.value(service.name);
  out.end_array().name("env").begin_array().value("production").end_array().end_object();
  out.name("dashboards").begin_array();
  for (const Dashboard& dashboard : world.dashboards) {
    const bool shown =
        std::any_of(dashboard.queries.begin(), dashboard.queries.end(),
                    [&](auto& q) { return q.find(metric->name + "{") != std::string::npos; });
    if (shown) out.value(dashboard.title);
  }
  return json_answer(out.end_array().end_object().take(), arguments);
}

constexpr const char* kSeriesSchema =
    R"({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string"},)"
    R"("aggregation":{"type":"string"},"scope":{"type":"string"},"interval_ms":{"type":"integer"},)"
    R"("points":{"type":"array","items":{"type":"array","items":{"type":"number"}}}},)"
    R"("required":["metric","points"]})";

}  // namespace

void add_metric_tools(std::vector<Tool>& tools, const World&) {
  Schema querying;
  querying
      .text("query", "Aggregation, metric and scope.",
            "avg:postgresql.connections{service:payments-db}", Schema::Need::required)
      .range()
      .paged();
  Tool tool = make_tool("Query a metric", "Values of a metric over time.", querying, series);
  tool.output_schema = kSeriesSchema;
  add_both(tools, "get_metrics", "get_datadog_metric", std::move(tool));

  Schema listing;
  listing.text("name_filter", "Part of the name, or a pattern with *.", "postgresql").paged();
  add_both(tools, "list_metrics", "search_datadog_metrics",
           make_tool("List metrics", "Names of metrics.", listing, list));

  Schema about;
  about.text("metric_name", "The name.", "postgresql.connections", Schema::Need::required).paged();
  Tool more = make_tool("Metric context", "Unit, tags and dashboards of a metric.", about, context);
  more.name = "get_datadog_metric_context";
  more.toolsets = {"core"};
  tools.push_back(std::move(more));
}

}  // namespace dogpipe::sandbox
