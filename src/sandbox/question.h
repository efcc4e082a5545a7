// What the server may ask the client while a request is under way: elicitation, sampling, roots, a
// ping. The legacy wire asks by requests of its own, the modern one by results that want input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "sandbox/abilities.h"

namespace dogpipe::sandbox {

enum class Ask : std::uint8_t { form, url, sample, roots, ping };

// What is asked at once. An empty round asks nothing: the modern wire then only wants to be called
// again.
using Round = std::vector<Ask>;

struct Question {
  Ask ask;
  std::string_view name;
  std::string_view method;
  bool ClientAbilities::*needs;  // or nullptr
  bool allowed(const ClientAbilities& abilities) const {
    return needs == nullptr || abilities.*needs;
  }
  // Params as JSON, or empty. `call_id` is the raw id of the call that asks.
  std::string (*params)(std::string_view version, std::string_view call_id);
};

const Question& question(Ask ask);
// By its name.
std::optional<Ask> find_ask(std::string_view name);

// The rounds that the argument `_sandbox` of a call wishes for: those of "ask", a list of lists,
// then one for each of elicit, sample, roots, ping.
std::vector<Round> rounds_in(json::Value wishes);

}  // namespace dogpipe::sandbox
