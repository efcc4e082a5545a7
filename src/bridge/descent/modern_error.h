// Errors of older servers, as 2026-07-28 has them (schema, "MCP error codes"). Both arguments and
// results are the raw `error` members of messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::bridge::descent {

// 0 if there is none.
int error_code(std::string_view raw_error);

// The two codes that are retired become what takes their place: resource not found (-32002) invalid
// params, and URL elicitation required (-32042) an internal error. All else stays as it is.
std::string modern_error(std::string_view raw_error);

// For -32042: the `inputRequests` (basic/patterns/mrtr) that ask the same of the user. Nothing for
// other errors, or if there is nothing to ask.
std::optional<std::string> url_input_requests(std::string_view raw_error);

}  // namespace dogpipe::bridge::descent
