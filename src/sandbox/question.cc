#include "sandbox/question.h"

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

std::string form_params(std::string_view version, std::string_view) {
  json::Writer out;
  out.begin_object();
  if (version >= "2025-11-25") out.member("mode", "form");
  out.member("message", "Which environment do you mean?");
  out.name("requestedSchema").begin_object().member("type", "object").name("properties");
  out.begin_object().name("environment").begin_object().member("type", "string");
  out.member("title", "Environment").name("enum").begin_array();
  out.value("production").value("staging").end_array().member("default", "production");
  out.end_object().end_object().name("required").begin_array().value("environment").end_array();
  return out.end_object().end_object().take();
}

std::string url_params(std::string_view version, std::string_view call_id) {
  json::Writer out;
  out.begin_object().member("mode", "url").member("message", "Please grant access to the logs.");
  if (version <= "2025-11-25") {
    out.member("elicitationId", "sandbox-elicitation-" + std::string(call_id));
  }
  return out.member("url", "https://app.datadoghq.com/sandbox/grant").end_object().take();
}

std::string sampling_params(std::string_view, std::string_view) {
  json::Writer out;
  out.begin_object().name("messages").begin_array().begin_object().member("role", "user");
  out.name("content").begin_object().member("type", "text");
  out.member("text", "Summarise the incident in one sentence.").end_object().end_object();
  return out.end_array().member("maxTokens", 100).end_object().take();
}

std::string no_params(std::string_view, std::string_view) { return ""; }

using Can = ClientAbilities;

constexpr std::array kQuestions = {
    Question{Ask::form, "form", "elicitation/create", &Can::elicitation_form, form_params},
    Question{Ask::url, "url", "elicitation/create", &Can::elicitation_url, url_params},
    Question{Ask::sample, "sample", "sampling/createMessage", &Can::sampling, sampling_params},
    Question{Ask::roots, "roots", "roots/list", &Can::roots, no_params},
    Question{Ask::ping, "ping", "ping", nullptr, no_params},
};

}  // namespace

const Question& question(Ask ask) { return kQuestions[static_cast<std::size_t>(ask)]; }

std::optional<Ask> find_ask(std::string_view name) {
  const auto found = std::find_if(kQuestions.begin(), kQuestions.end(),
                                  [&](const Question& known) { return known.name == name; });
  return found == kQuestions.end() ? std::nullopt : std::optional(found->ask);
}

std::vector<Round> rounds_in(json::Value wishes) {
  std::vector<Round> rounds;
  for (const json::Value names : wishes["ask"]) {
    Round& round = rounds.emplace_back();
    for (const json::Value name : names) {
      if (const auto ask = find_ask(name.text_or(""))) round.push_back(*ask);
    }
  }
  const std::string_view elicit = wishes["elicit"].text_or("");
  if (elicit == "form") rounds.push_back({Ask::form});
  if (elicit == "url") rounds.push_back({Ask::url});
  if (wishes["sample"].bool_or(false)) rounds.push_back({Ask::sample});
  if (wishes["roots"].bool_or(false)) rounds.push_back({Ask::roots});
  if (wishes["ping"].bool_or(false)) rounds.push_back({Ask::ping});
  return rounds;
}

}  // namespace dogpipe::sandbox
