// Tools for tests of the protocol: those that ask, those that announce, those with arguments in
// header fields. None of them wants an intent.
#include <utility>

#include "json/writer.h"
#include "sandbox/catalogue.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

Tool trial(const char* name, std::string description, std::string_view input_schema,
           Tool::Run run) {
  Tool tool;
  tool.name = name;
  tool.title = name;
  tool.description = std::move(description);
  tool.toolsets = {"trials"};
  tool.input_schema = input_schema;
  tool.wants_intent = false;
  tool.run = std::move(run);
  return tool;
}

ToolAnswer done(const World&, json::Value) { return {"done", "", false}; }
ToolAnswer echo(const World&, json::Value arguments) { return {json::write(arguments), "", false}; }

Tool asking(const char* name, std::string description, std::vector<Round> rounds) {
  Tool tool = trial(name, std::move(description), kNoArguments, done);
  tool.rounds = std::move(rounds);
  return tool;
}

std::vector<Change> changed_list(json::Value arguments) {
  const auto change = list_change(arguments["list"].text_or(""));
  return change ? std::vector<Change>{*change} : std::vector<Change>{};
}

std::vector<Change> changed_resource(json::Value arguments) {
  return {{Change::Kind::resource, std::string(arguments["uri"].text_or(""))}};
}

void add_asking(std::vector<Tool>& tools) {
  tools.push_back(asking("ask_form", "Asks the user to fill in a form.", {{Ask::form}}));
  tools.push_back(asking("ask_url", "Asks the user to open a page.", {{Ask::url}}));
  tools.push_back(asking("ask_model", "Asks the client's model.", {{Ask::sample}}));
  tools.push_back(asking("ask_roots", "Asks for the client's roots.", {{Ask::roots}}));
  tools.push_back(
      asking("ask_together", "Asks the user and the model at once.", {{Ask::form, Ask::sample}}));
  tools.push_back(asking("ask_in_turn", "Asks in three rounds.",
                         {{Ask::form}, {Ask::sample, Ask::roots}, {Ask::form}}));
  tools.push_back(asking("ask_again", "Asks for nothing but to be called again, twice.", {{}, {}}));
}

void add_announcing(std::vector<Tool>& tools) {
  tools.push_back(trial("change_list", "Announces that a list has changed.",
                        R"({"type":"object","properties":{"list":{"type":"string",)"
                        R"("enum":["tools","prompts","resources"]}},"required":["list"]})",
                        done));
  tools.back().changes = changed_list;
  tools.push_back(trial("update_resource", "Announces that a resource has changed.",
                        R"({"type":"object","properties":{"uri":{"type":"string"}},)"
                        R"("required":["uri"]})",
                        done));
  tools.back().changes = changed_resource;
}

}  // namespace

void add_trial_tools(std::vector<Tool>& tools) {
  add_asking(tools);
  add_announcing(tools);
  tools.push_back(
      trial("route_by_header", "Has arguments of every kind that header fields repeat.",
            R"({"type":"object","properties":{)"
            R"("region":{"type":"string","x-mcp-header":"Region"},)"
            R"("limit":{"type":"integer","x-mcp-header":"Limit"},)"
            R"("dry_run":{"type":"boolean","x-mcp-header":"Dry-Run"},)"
            R"("target":{"type":"object","properties":{)"
            R"("host":{"type":"string","x-mcp-header":"Target-Host"},"port":{"type":"integer"}}},)"
            R"("query":{"type":"string"}}})",
            echo));
  tools.back().second_schema = R"({"type":"object","properties":{)"
                               R"("region":{"type":"string","x-mcp-header":"Area"},)"
                               R"("query":{"type":"string","x-mcp-header":"Query"}}})";
  // Legal since 2026-07-28: an output schema that is no object.
  tools.push_back(trial("list_numbers", "Structured content that is an array.", kNoArguments,
                        [](const World&, json::Value) {
                          return ToolAnswer{"[1,2,3]", "[1,2,3]", false};
                        }));
  tools.back().output_schema = R"({"type":"array","items":{"type":"integer"}})";
  tools.back().modern_only = true;
  // A name that may not stand in a header field as it is.
  tools.push_back(trial("d\u00e9j\u00e0 vu", "Has a name that is not ASCII.", kNoArguments, done));
}

}  // namespace dogpipe::sandbox
