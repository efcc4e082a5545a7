#include "sandbox/question.h"

#include "json/writer.h"
#include "sandbox/session.h"

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

std::string url_params(std::string_view, std::string_view call_id) {
  json::Writer out;
  out.begin_object().member("mode", "url").member("message", "Please grant access to the logs.");
  out.member("elicitationId", "sandbox-elicitation-" + std::string(call_id));
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

constexpr Question kForm{"elicitation/create",
                         [](const ClientAbilities& can) { return can.elicitation_form; },
                         form_params};
constexpr Question kUrl{"elicitation/create",
                        [](const ClientAbilities& can) { return can.elicitation_url; }, url_params};
constexpr Question kSample{"sampling/createMessage",
                           [](const ClientAbilities& can) { return can.sampling; },
                           sampling_params};
constexpr Question kRoots{"roots/list", [](const ClientAbilities& can) { return can.roots; },
                          no_params};
constexpr Question kPing{"ping", [](const ClientAbilities&) { return true; }, no_params};

}  // namespace

std::vector<Question> questions_in(json::Value wishes) {
  std::vector<Question> questions;
  const std::string_view elicit = wishes["elicit"].text_or("");
  if (elicit == "form") questions.push_back(kForm);
  if (elicit == "url") questions.push_back(kUrl);
  if (wishes["sample"].bool_or(false)) questions.push_back(kSample);
  if (wishes["roots"].bool_or(false)) questions.push_back(kRoots);
  if (wishes["ping"].bool_or(false)) questions.push_back(kPing);
  return questions;
}

}  // namespace dogpipe::sandbox
