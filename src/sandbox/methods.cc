#include "sandbox/methods.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/writer.h"
#include "sandbox/prompts.h"
#include "sandbox/resources.h"
#include "sandbox/tool_run.h"

namespace dogpipe::sandbox {
namespace {

Outcome list_tools(const Request& request) {
  Context& context = request.visit.context;
  const NamedTools tools = request.visit.tools();
  const auto page = static_cast<std::size_t>(context.quirks.page_size);
  const std::string_view cursor = request.params["cursor"].text_or("");
  std::size_t begin = 0;
  if (!cursor.empty()) {
    const auto read = std::from_chars(cursor.data(), cursor.data() + cursor.size(), begin);
    if (read.ec != std::errc() || begin > tools.size()) return failure(-32602, "Invalid cursor");
  }
  const std::size_t end = page == 0 ? tools.size() : std::min(begin + page, tools.size());
  json::Writer out;
  out.begin_object().name("tools").begin_array();
  if (request.visit.tools_ready) {
    for (std::size_t i = begin; i < end; ++i) {
      out.raw(write_tool(*tools[i].second, tools[i].first, context.changes.second_edition()));
    }
  }
  out.end_array();
  if (end < tools.size()) {
    out.member("nextCursor", std::to_string(end));
  } else {
    context.changes.listed();
  }
  return success(out.end_object().take());
}

struct Method {
  std::string_view name;
  Outcome (*answer)(const Request&);
  bool rich;  // only of a server that has more than Datadog's
};

constexpr std::array kMethods = {
    Method{"tools/list", list_tools, false},
    Method{"tools/call", run_tool, false},
    Method{"resources/list", list_resources, false},
    Method{"resources/read", read_resource, false},
    Method{"resources/templates/list", list_templates, false},
    Method{"prompts/list", list_prompts, false},
    Method{"prompts/get", get_prompt, true},
    Method{"completion/complete", complete, true},
};

}  // namespace

std::optional<Outcome> answer_method(const Request& request) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& known) {
    return known.name == request.method;
  });
  if (found == kMethods.end() || (found->rich && !request.visit.context.quirks.rich())) return {};
  return found->answer(request);
}

std::vector<Round> rounds_of(const Visit& visit, std::string_view method, json::Value params) {
  if (!visit.context.quirks.rich() && method != "tools/call") return {};
  if (method == "prompts/get") return prompt_rounds(params["name"].text_or(""));
  if (method == "resources/read") return resource_rounds(params["uri"].text_or(""));
  if (method != "tools/call") return {};
  std::vector<Round> rounds = rounds_in(wishes_of(params));
  const Tool* tool = visit.find_tool(params["name"].text_or(""));
  if (tool != nullptr) rounds.insert(rounds.begin(), tool->rounds.begin(), tool->rounds.end());
  return rounds;
}

std::string server_capabilities(const Quirks& quirks) {
  json::Writer out;
  out.begin_object().raw_member("tools", R"({"listChanged":true})");
  out.raw_member("resources", R"({"subscribe":true,"listChanged":true})");
  out.raw_member("logging", "{}");
  if (quirks.rich()) {
    out.raw_member("prompts", R"({"listChanged":true})").raw_member("completions", "{}");
  } else if (quirks.prompts) {
    out.raw_member("prompts", "{}");
  }
  return out.end_object().take();
}

std::string server_info(std::string_view version) {
  json::Writer out;
  out.begin_object().member("name", "datadog-mcp-sandbox");
  if (version >= "2025-06-18") out.member("title", "Stand-in for Datadog's MCP server");
  return out.member("version", DOGPIPE_VERSION).end_object().take();
}

std::string_view server_instructions() {
  return "Synthetic data of one shop. Start with search_datadog_incidents, then follow the "
         "trace ids through spans and logs. Search the documentation before guessing a query.";
}

}  // namespace dogpipe::sandbox
