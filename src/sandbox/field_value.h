// Values of Mcp-Name and Mcp-Param-* fields (2026-07-28, basic/transports/streamable-http, value
// encoding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace dogpipe::sandbox {

// What a field stands for: itself, or what `=?base64?...?=` encodes. Nothing where a byte may not
// stand in a field or the Base64 is wrong.
std::optional<std::string> read_field_value(std::string_view field);

// Whether a field, decoded, says the same as a string, an integer or a boolean of a body.
// Integers compare as numbers.
bool says_the_same(std::string_view decoded, json::Value value);

}  // namespace dogpipe::sandbox
