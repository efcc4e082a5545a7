// What a tool may ask the client while it runs: elicitation, sampling, roots, a ping.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace dogpipe::sandbox {

struct ClientAbilities;

struct Question {
  std::string_view method;
  bool (*allowed)(const ClientAbilities& abilities);
  // Params as JSON, or empty. `call_id` is the raw id of the call that asks.
  std::string (*params)(std::string_view version, std::string_view call_id);
};

// In the order in which they are asked.
std::vector<Question> questions_in(json::Value wishes);

}  // namespace dogpipe::sandbox
