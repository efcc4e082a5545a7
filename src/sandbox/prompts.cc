#include "sandbox/prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

struct Prompt {
  std::string_view name;
  std::string_view description;
  std::string_view argument;  // the one that it takes, required; or empty
  bool asks;                  // for the environment
};

constexpr std::array kPrompts = {
    Prompt{"investigate_incident", "Finds out what an incident is about", "incident_id", false},
    Prompt{"summarise_service", "One paragraph on how a service fares", "service", false},
    Prompt{"compare_environments", "Asks which environment first", "", true},
};

const Prompt* find_prompt(std::string_view name) {
  const auto found = std::find_if(kPrompts.begin(), kPrompts.end(),
                                  [&](const Prompt& known) { return known.name == name; });
  return found == kPrompts.end() ? nullptr : &*found;
}

void write_prompt(json::Writer& out, const Prompt& prompt) {
  out.begin_object().member("name", prompt.name).member("description", prompt.description);
  if (!prompt.argument.empty()) {
    out.name("arguments").begin_array().begin_object().member("name", prompt.argument);
    out.member("required", true).end_object().end_array();
  }
  out.end_object();
}

void write_message(json::Writer& out, std::string_view text) {
  out.begin_object().member("role", "user").name("content").begin_object();
  out.member("type", "text").member("text", text).end_object().end_object();
}

}  // namespace

Outcome list_prompts(const Request& request) {
  const Quirks& quirks = request.visit.context.quirks;
  if (!quirks.prompts && !quirks.rich()) return failure(-32601, "Method not found");
  json::Writer out;
  out.begin_object().name("prompts").begin_array();
  if (quirks.rich()) {
    for (const Prompt& prompt : kPrompts) write_prompt(out, prompt);
  }
  return success(out.end_array().end_object().take());
}

Outcome get_prompt(const Request& request) {
  const std::string name(request.params["name"].text_or(""));
  const Prompt* prompt = find_prompt(name);
  if (prompt == nullptr) return failure(-32602, "Unknown prompt: " + name);
  const std::string_view value = request.params["arguments"][prompt->argument].text_or("");
  if (!prompt->argument.empty() && value.empty()) {
    return failure(-32602, fmt::format("Missing argument: {}", prompt->argument));
  }
  json::Writer out;
  out.begin_object().member("description", prompt->description).name("messages").begin_array();
  write_message(out, fmt::format("{}: {}", prompt->description, value));
  for (const std::string& answer : request.answers) write_message(out, answer);
  return success(out.end_array().end_object().take());
}

Outcome complete(const Request& request) {
  const std::string_view type = request.params["ref"]["type"].text_or("");
  if (type != "ref/prompt" && type != "ref/resource") {
    return failure(-32602, "Invalid params: ref");
  }
  const std::string_view begun = request.params["argument"]["value"].text_or("");
  json::Writer out;
  out.begin_object().name("completion").begin_object().name("values").begin_array();
  std::size_t total = 0;
  for (const Service& service : request.visit.context.world.services) {
    if (service.name.rfind(begun, 0) != 0) continue;
    ++total;
    out.value(service.name);
  }
  out.end_array().member("total", total).member("hasMore", false);
  return success(out.end_object().end_object().take());
}

std::vector<Round> prompt_rounds(std::string_view name) {
  const Prompt* prompt = find_prompt(name);
  if (prompt == nullptr || !prompt->asks) return {};
  return {{Ask::form}};
}

}  // namespace dogpipe::sandbox
