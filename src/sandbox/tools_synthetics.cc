#include <fmt/format.h>

#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

ToolAnswer search(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"public_id", "name", "type", "status", "failed_runs_last_hour", "url", "message"});
  for (const SyntheticTest& test : world.synthetics) {
    const auto field = [&](std::string_view key) {
      if (key == "status") return test.status;
      if (key == "type") return test.type;
      if (key == "public_id" || key == "id") return test.id;
      return test.name + " " + test.url;
    };
    if (!query.matches(field)) continue;
    table.row({test.id, test.name, test.type, test.status, fmt::to_string(test.failed_runs),
               test.url, test.message});
  }
  return table.answer(arguments);
}

}  // namespace

void add_synthetics_tools(std::vector<Tool>& tools, const World&) {
  add_both(
      tools, "get_synthetics_tests", "get_synthetics_tests",
      make_tool("Synthetic tests", "Synthetic tests and how they fare.",
                Schema().text("query", "status:Alert, type:browser, words.", "*").paged(), search),
      "synthetics");
}

}  // namespace dogpipe::sandbox
