// JSON string tokens and the text they stand for (RFC 8259, section 7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::rpc {

// All functions that take `escaped` want what stands between the quotes of a string token that a
// Scanner has accepted.

// Whether the token stands for exactly `plain`: "tools\/call" is spelled differently, but the same.
bool spells(std::string_view escaped, std::string_view plain);

// The text in UTF-8. A lone surrogate, which has no UTF-8, becomes U+FFFD.
std::string unescape(std::string_view escaped);

// The text of a raw value, or nothing if it is not a string.
std::optional<std::string> string_value(std::string_view raw);

// The string token for `utf8`, with its quotes. What is no UTF-8 becomes U+FFFD.
std::string quoted(std::string_view utf8);

}  // namespace dogpipe::rpc
