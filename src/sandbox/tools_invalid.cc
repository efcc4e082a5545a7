// Tools that a client of 2026-07-28 must leave out of the list: each breaks one rule of
// x-mcp-header (basic/transports/streamable-http, custom headers).
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "sandbox/catalogue.h"

namespace dogpipe::sandbox {
namespace {

// The name of the tool, and its properties.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kInvalid = {{
    {"bad_header_empty", R"("a":{"type":"string","x-mcp-header":""})"},
    {"bad_header_space", R"("a":{"type":"string","x-mcp-header":"My Region"})"},
    {"bad_header_colon", R"("a":{"type":"string","x-mcp-header":"Region:"})"},
    {"bad_header_line_break", R"("a":{"type":"string","x-mcp-header":"Region\r\nX-Evil: 1"})"},
    {"bad_header_not_ascii", R"("a":{"type":"string","x-mcp-header":"R\u00e9gion"})"},
    {"bad_header_not_a_string", R"("a":{"type":"string","x-mcp-header":7})"},
    {"bad_header_twice", R"("a":{"type":"string","x-mcp-header":"Region"},)"
                         R"("b":{"type":"string","x-mcp-header":"REGION"})"},
    {"bad_header_number", R"("a":{"type":"number","x-mcp-header":"Ratio"})"},
    {"bad_header_object", R"("a":{"type":"object","x-mcp-header":"Target"})"},
    {"bad_header_array", R"("a":{"type":"array","items":{"type":"string"},)"
                         R"("x-mcp-header":"Hosts"})"},
    {"bad_header_items", R"("a":{"type":"array","items":{"type":"object","properties":)"
                         R"({"b":{"type":"string","x-mcp-header":"Host"}}}})"},
    {"bad_header_any_of", R"("a":{"anyOf":[{"type":"string","x-mcp-header":"Region"},)"
                          R"({"type":"integer"}]})"},
    {"bad_header_additional", R"("a":{"type":"object","additionalProperties":)"
                              R"({"type":"string","x-mcp-header":"Tag"}})"},
}};

}  // namespace

void add_invalid_tools(std::vector<Tool>& tools) {
  for (const auto& [name, properties] : kInvalid) {
    Tool tool;
    tool.name = name;
    tool.title = name;
    tool.description = "Must not be shown to anybody.";
    tool.toolsets = {"invalid"};
    tool.input_schema = R"({"type":"object","properties":{)" + std::string(properties) + "}}";
    tool.wants_intent = false;
    tool.run = [](const World&, json::Value) { return ToolAnswer{"done", "", false}; };
    tools.push_back(std::move(tool));
  }
  Tool reference = tools.back();
  reference.name = reference.title = "bad_header_reference";
  reference.input_schema =
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/region"}},"$defs":)"
      R"({"region":{"type":"string","x-mcp-header":"Region"}}})";
  tools.push_back(std::move(reference));
}

}  // namespace dogpipe::sandbox
