#include "cli/settings_json.h"

#include <array>
#include <utility>

#include "json/reader.h"
#include "json/writer.h"

namespace dogpipe::cli {
namespace {

constexpr std::array kInherited = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                   "http_proxy",  "ALL_PROXY",   "all_proxy"};

}  // namespace

std::string write_settings(Settings& settings, const Environment& environment,
                           const std::map<std::string, std::string>& used) {
  json::Writer out;
  out.begin_object().name("values").begin_object();
  for (const Setting* one : settings.values()) {
    if (!one->value.empty()) out.member(one->name(), one->value);
  }
  out.end_object().name("switches").begin_array();
  for (const Switch* one : settings.switches()) {
    if (one->on) out.value(one->variable);
  }
  out.end_array().name("headers").begin_array();
  for (const std::string& line : settings.headers) out.value(line);
  out.end_array().name("variables").begin_object();
  for (const char* name : kInherited) {
    const auto value = used.count(name) == 0 ? environment.get({name}) : std::nullopt;
    if (value) out.member(name, *value);
  }
  for (const auto& [name, value] : used) out.member(name, value);
  return out.end_object().end_object().take();
}

base::Result<void> read_settings(std::string_view json, Settings& settings,
                                 Environment& environment) {
  const auto document = json::read(json);
  if (!document) return document.error();
  const json::Value root = document->root();
  settings.decided = true;
  for (Setting* one : settings.values()) {
    const std::string name = one->name();
    one->value = root["values"][std::string_view(name)].text_or("");
  }
  for (const json::Value on : root["switches"]) {
    for (Switch* one : settings.switches()) one->on = one->on || on.text_or("") == one->variable;
  }
  for (const json::Value line : root["headers"]) settings.headers.emplace_back(line.text_or(""));
  for (const json::Value variable : root["variables"]) {
    environment.set(std::string(variable.name()), std::string(variable.text_or("")));
  }
  return {};
}

}  // namespace dogpipe::cli
