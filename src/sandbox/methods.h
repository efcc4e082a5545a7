// The methods that both wires have: what is listed, read, got, completed and called. Each wire puts
// the outcome into its own form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "sandbox/message.h"
#include "sandbox/visit.h"

namespace dogpipe::sandbox {

struct Request {
  const Visit& visit;
  std::string_view method;
  json::Value params;
  const std::vector<std::string>& answers;  // of the client to what it was asked, as JSON
};

// Nothing: there is no such method.
std::optional<Outcome> answer_method(const Request& request);

// What is asked of the client before this request can be answered.
std::vector<Round> rounds_of(const Visit& visit, std::string_view method, json::Value params);

// The capabilities of the server, as JSON.
std::string server_capabilities(const Quirks& quirks);
std::string server_info(std::string_view version);
std::string_view server_instructions();

// The argument `_sandbox` of a call.
inline json::Value wishes_of(json::Value params) { return params["arguments"]["_sandbox"]; }

}  // namespace dogpipe::sandbox
