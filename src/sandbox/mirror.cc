#include "sandbox/mirror.h"

#include <utility>

#include "sandbox/field_value.h"

namespace dogpipe::sandbox {
namespace {

void collect(json::Value schema, std::vector<std::string> path, std::vector<Mirror>& mirrors) {
  for (const json::Value property : schema["properties"]) {
    path.emplace_back(property.name());
    const json::Value name = property["x-mcp-header"];
    if (name.is_string()) mirrors.push_back({"Mcp-Param-" + std::string(name.text_or("")), path});
    collect(property, path, mirrors);
    path.pop_back();
  }
}

}  // namespace

std::vector<Mirror> mirrors_of(json::Value schema) {
  std::vector<Mirror> mirrors;
  collect(schema, {}, mirrors);
  return mirrors;
}

std::optional<std::string> mismatch(const event::HttpFields& fields,
                                    const std::vector<Mirror>& mirrors, json::Value arguments) {
  for (const Mirror& mirror : mirrors) {
    json::Value value = arguments;
    for (const std::string& step : mirror.path) value = value[std::string_view(step)];
    const auto field = fields.find(mirror.field);
    const bool given = value.exists() && value.type() != json::Type::null;
    if (!given && !field) continue;
    if (!given) return mirror.field + " without such an argument";
    if (!field) return mirror.field + " is missing";
    const auto decoded = read_field_value(*field);
    if (!decoded) return mirror.field + " is malformed";
    if (!says_the_same(*decoded, value)) return mirror.field + " is not what the body says";
  }
  return std::nullopt;
}

}  // namespace dogpipe::sandbox
