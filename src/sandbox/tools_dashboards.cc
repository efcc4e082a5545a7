#include <fmt/format.h>

#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/chance.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

ToolAnswer list(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"id", "title", "author", "description", "widgets"});
  for (const Dashboard& dashboard : world.dashboards) {
    const auto field = [&](std::string_view key) {
      if (key == "author") return dashboard.author;
      if (key == "id") return dashboard.id;
      return key.empty() || key == "title" ? dashboard.title + " " + dashboard.description
                                           : std::string();
    };
    if (!query.matches(field)) continue;
    table.row({dashboard.id, dashboard.title, dashboard.author, dashboard.description,
               fmt::to_string(dashboard.queries.size())});
  }
  return table.answer(arguments);
}

ToolAnswer get(const World& world, json::Value arguments) {
  for (const Dashboard& dashboard : world.dashboards) {
    if (dashboard.id != arguments["dashboard_id"].text_or("")) continue;
    json::Writer out;
    out.begin_object().member("id", dashboard.id).member("title", dashboard.title);
    out.member("author", dashboard.author).name("widgets").begin_array();
    for (const std::string& query : dashboard.queries) {
      out.begin_object().member("type", "timeseries").member("query", query).end_object();
    }
    return json_answer(out.end_array().end_object().take(), arguments, true);
  }
  return tool_error("No such dashboard: try search_datadog_dashboards.");
}

ToolAnswer upsert(const World&, json::Value arguments) {
  const std::string title(arguments["title"].text_or(""));
  json::Writer out;
  out.begin_object().member("id", "new-" + Chance(mix(title, 3)).hex(6)).member("title", title);
  return json_answer(out.member("saved", true).end_object().take(), arguments, true);
}

}  // namespace

void add_dashboard_tools(std::vector<Tool>& tools, const World& world) {
  Schema searching;
  searching.text("query", "Words of the title, author:name.", "payments").paged();
  add_both(tools, "list_dashboards", "search_datadog_dashboards",
           make_tool("List dashboards", "Dashboards by words.", searching, list));

  Schema one;
  one.text("dashboard_id", "From a search.", world.dashboards.front().id, Schema::Need::required)
      .paged();
  Tool getting = make_tool("Get a dashboard", "A dashboard with its widgets.", one, get);
  getting.name = "get_datadog_dashboard";
  getting.toolsets = {"core"};
  tools.push_back(std::move(getting));

  Schema saving;
  saving.text("dashboard_id", "To change one; absent to create one.")
      .text("title", "The title.", "Connections", Schema::Need::required)
      .array("widgets", "The widgets, as in get_datadog_dashboard.", R"({"type":"object"})");
  Tool writing = make_tool("Save a dashboard", "Creates or replaces a dashboard.", saving, upsert);
  writing.name = "upsert_datadog_dashboard";
  writing.toolsets = {"core"};
  writing.reads = false;
  writing.destroys = true;
  tools.push_back(std::move(writing));
}

}  // namespace dogpipe::sandbox
