#include <fmt/format.h>

#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/chance.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

ToolAnswer search(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"notebook_id", "name", "author"});
  for (const Notebook& notebook : world.notebooks) {
    const auto field = [&](std::string_view key) {
      return key == "author" ? notebook.author : notebook.name + " " + notebook.text;
    };
    if (!query.matches(field)) continue;
    table.row({fmt::to_string(notebook.id), notebook.name, notebook.author});
  }
  return table.answer(arguments);
}

ToolAnswer get(const World& world, json::Value arguments) {
  for (const Notebook& notebook : world.notebooks) {
    if (notebook.id != arguments["notebook_id"].integer_or(0)) continue;
    json::Writer out;
    out.begin_object().member("notebook_id", notebook.id).member("name", notebook.name);
    out.member("author", notebook.author).name("cells").begin_array().begin_object();
    out.member("type", "markdown").member("text", notebook.text).end_object().end_array();
    return json_answer(out.end_object().take(), arguments);
  }
  return tool_error("No such notebook: try search_datadog_notebooks.");
}

ToolAnswer save(const World&, json::Value arguments) {
  const auto id = arguments["notebook_id"].integer_or(
      static_cast<std::int64_t>(91000 + mix(arguments["name"].text_or(""), 5) % 1000));
  json::Writer out;
  out.begin_object().member("notebook_id", id).member("cells", arguments["cells"].size());
  return json_answer(out.member("saved", true).end_object().take(), arguments);
}

}  // namespace

void add_notebook_tools(std::vector<Tool>& tools, const World& world) {
  const auto add = [&](const char* name, Tool tool, bool reads) {
    tool.name = name;
    tool.toolsets = {"core"};
    tool.reads = reads;
    tools.push_back(std::move(tool));
  };
  constexpr auto kRequired = Schema::Need::required;
  const long first = static_cast<long>(world.notebooks.front().id);
  const std::string cells = R"({"type":"object","properties":{"text":{"type":"string"}}})";
  add("search_datadog_notebooks",
      make_tool("Search notebooks", "Notebooks by words.",
                Schema().text("query", "Words, author:name.", "IR-482").paged(), search),
      true);
  add("get_datadog_notebook",
      make_tool("Get a notebook", "A notebook with its cells.",
                Schema().integer("notebook_id", "From a search.", first, 1, kRequired).paged(),
                get),
      true);
  add("create_datadog_notebook",
      make_tool("Create a notebook", "Creates a notebook.",
                Schema()
                    .text("name", "Its name.", "Findings", kRequired)
                    .array("cells", "Its cells.", cells, kRequired)
                    .object("time", "The span it shows.", R"({"live_span":{"type":"string"}})"),
                save),
      false);
  add("edit_datadog_notebook",
      make_tool("Edit a notebook", "Replaces or appends cells.",
                Schema()
                    .integer("notebook_id", "From a search.", first, 1, kRequired)
                    .array("cells", "The new cells.", cells, kRequired),
                save),
      false);
}

}  // namespace dogpipe::sandbox
