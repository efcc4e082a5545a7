#include "sandbox/tool.h"

#include <algorithm>
#include <utility>

#include "json/writer.h"

namespace dogpipe::sandbox {

void Schema::add(std::string name, std::string schema, Need need) {
  if (need == Need::required) required_.push_back(name);
  properties_.emplace_back(std::move(name), std::move(schema));
}

Schema& Schema::text(std::string name, std::string_view description, std::string_view example,
                     Need need) {
  json::Writer out;
  out.begin_object().member("type", "string").member("description", description);
  if (!example.empty()) out.name("examples").begin_array().value(example).end_array();
  add(std::move(name), out.end_object().take(), need);
  return *this;
}

Schema& Schema::integer(std::string name, std::string_view description, long fallback, long least,
                        Need need) {
  json::Writer out;
  out.begin_object().member("type", "integer").member("description", description);
  out.member("default", fallback).member("minimum", least);
  add(std::move(name), out.end_object().take(), need);
  return *this;
}

Schema& Schema::choice(std::string name, std::string_view description,
                       const std::vector<std::string>& values) {
  json::Writer out;
  out.begin_object().member("type", "string").member("description", description);
  out.name("enum").begin_array();
  for (const std::string& value : values) out.value(value);
  add(std::move(name), out.end_array().end_object().take(), Need::optional);
  return *this;
}

Schema& Schema::object(std::string name, std::string_view description,
                       std::string_view properties_json, Need need) {
  json::Writer out;
  out.begin_object().member("type", "object").member("description", description);
  out.raw_member("properties", properties_json);
  add(std::move(name), out.end_object().take(), need);
  return *this;
}

Schema& Schema::array(std::string name, std::string_view description, std::string_view items_json,
                      Need need) {
  json::Writer out;
  out.begin_object().member("type", "array").member("description", description);
  out.raw_member("items", items_json);
  add(std::move(name), out.end_object().take(), need);
  return *this;
}

Schema& Schema::range() {
  return text("from", "Start: now-1h, an ISO 8601 time, or milliseconds since 1970.", "now-1h")
      .text("to", "End, in the same forms.", "now");
}

Schema& Schema::paged() {
  return integer("start_at", "Skip this many results.", 0)
      .integer("max_tokens", "Budget for the answer, in estimated tokens.", 10000, 100);
}

std::string Schema::json() const {
  json::Writer out;
  out.begin_object().member("type", "object").name("properties").begin_object();
  for (const auto& [name, schema] : properties_) out.raw_member(name, schema);
  out.name("telemetry").begin_object().member("type", "object");
  out.member("description", "Why the tool is called; helps to improve the server.");
  out.name("properties").begin_object().name("intent").begin_object().member("type", "string");
  out.member("description", "One sentence: what you want to find out.").end_object().end_object();
  out.name("required").begin_array().value("intent").end_array().end_object().end_object();
  out.name("required").begin_array();
  for (const std::string& name : required_) out.value(name);
  return out.value("telemetry").end_array().end_object().take();
}

Tool make_tool(std::string title, std::string description, const Schema& schema, Tool::Run run) {
  Tool tool;
  tool.title = std::move(title);
  tool.description = std::move(description);
  tool.input_schema = schema.json();
  tool.required = schema.required();
  tool.run = std::move(run);
  return tool;
}

void add_both(std::vector<Tool>& tools, const char* classic, const char* today, Tool tool,
              std::string toolset) {
  tool.name = classic;
  tool.toolsets = {"classic"};
  if (std::string_view(classic) == today) {
    tool.toolsets.push_back(std::move(toolset));
    tools.push_back(std::move(tool));
    return;
  }
  tools.push_back(tool);
  tool.name = today;
  tool.toolsets = {std::move(toolset)};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
