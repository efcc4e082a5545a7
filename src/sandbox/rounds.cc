#include "sandbox/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kModern = "2026-07-28";

std::vector<Round> without_pings(std::vector<Round> rounds) {
  std::erase_if(rounds,
                [](Round& round) { return std::erase(round, Ask::ping) != 0 && round.empty(); });
  return rounds;
}

std::string key_of(const Question& question, std::size_t place) {
  return fmt::format("{}-{}", question.name, place + 1);
}

void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.name(name).begin_array();
  for (const std::string& text : texts) out.value(text);
  out.end_array();
}

}  // namespace

Rounds::Rounds(const Seal& seal, Ledger& ledger, json::Value message, std::vector<Round> rounds)
    : seal_(seal),
      ledger_(ledger),
      message_(message),
      rounds_(without_pings(std::move(rounds))),
      stateless_(message["params"]["arguments"]["_sandbox"]["no_state"].bool_or(false)) {
  standing_.ids.push_back(json::write(message_["id"]));
}

std::optional<Outcome> Rounds::read() {
  const json::Value state = message_["params"]["requestState"];
  const json::Value inputs = message_["params"]["inputResponses"];
  if (!state.exists() && !inputs.exists()) return std::nullopt;
  if (state.exists() && !read_state(state.text_or(""))) {
    return failure(-32602, "Invalid params: requestState");
  }
  if (!over()) take_inputs();
  return std::nullopt;
}

bool Rounds::read_state(std::string_view state) {
  const auto text = seal_.open(state);
  if (!text) return false;
  const auto document = json::read(*text);
  if (!document || document->root()["digest"].text_or("") != digest()) {
    ++ledger_.violations["requestState of another request"];
    return false;
  }
  const json::Value root = document->root();
  standing_.round = static_cast<std::size_t>(root["round"].integer_or(0));
  standing_.answers = root["answers"].as_strings().value_or(std::vector<std::string>());
  const std::string id = standing_.ids.front();
  standing_.ids = root["ids"].as_strings().value_or(std::vector<std::string>());
  if (std::find(standing_.ids.begin(), standing_.ids.end(), id) != standing_.ids.end()) {
    ++ledger_.violations["id of an earlier round"];
  }
  standing_.ids.push_back(id);
  return true;
}

// The answers to the round that was asked; if one is missing it is asked again.
void Rounds::take_inputs() {
  const Round& asked = rounds_[standing_.round];
  const json::Value inputs = message_["params"]["inputResponses"];
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string key = key_of(question(asked[i]), i);
    const json::Value input = inputs[std::string_view(key)];
    if (input.is_object()) taken.push_back(json::write(input));
  }
  if (inputs.size() > taken.size()) ++ledger_.violations["inputResponses that nobody asked for"];
  if (taken.size() < asked.size()) {
    ++ledger_.violations["inputResponses are missing"];
    return;
  }
  standing_.answers.insert(standing_.answers.end(), taken.begin(), taken.end());
  ++standing_.round;
}

std::optional<Outcome> Rounds::check(const ClientAbilities& abilities) const {
  if (over()) return std::nullopt;
  ClientAbilities missing;
  bool complete = true;
  for (const Ask ask : rounds_[standing_.round]) {
    const Question& asked = question(ask);
    if (asked.allowed(abilities)) continue;
    missing.*asked.needs = true;
    complete = false;
  }
  if (complete) return std::nullopt;
  return failure(-32021, "Missing required client capability",
                 fmt::format(R"({{"requiredCapabilities":{}}})", write_abilities(missing)));
}

std::string Rounds::input_required() const {
  const Round& round = rounds_[standing_.round];
  json::Writer out;
  out.begin_object().member("resultType", "input_required");
  if (!round.empty()) {
    out.name("inputRequests").begin_object();
    for (std::size_t i = 0; i < round.size(); ++i) {
      const Question& asked = question(round[i]);
      out.name(key_of(asked, i)).begin_object().member("method", asked.method);
      const std::string params = asked.params(kModern, standing_.ids.back());
      out.raw_member("params", params.empty() ? "{}" : params).end_object();
    }
    out.end_object();
  }
  if (!stateless_ || round.empty()) out.member("requestState", write_state());
  return out.end_object().take();
}

// Of what a retry must repeat.
std::string Rounds::digest() const {
  const json::Value params = message_["params"];
  return crypto::sha256_hex(fmt::format("{} {} {} {}", json::write(message_["method"]),
                                        json::write(params["name"]), json::write(params["uri"]),
                                        json::write(params["arguments"])));
}

std::string Rounds::write_state() const {
  json::Writer out;
  out.begin_object().member("round", standing_.round).member("digest", digest());
  write_texts(out, "answers", standing_.answers);
  write_texts(out, "ids", standing_.ids);
  return seal_.close(out.end_object().take());
}

}  // namespace dogpipe::sandbox
