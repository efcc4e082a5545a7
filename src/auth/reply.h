// What the replies of an authorization server have in common. Everything in them is a stranger's.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "json/reader.h"

namespace dogpipe::auth {

// The object that a body consists of. Errors: Kind::malformed, also for a body beyond 256 KiB, one
// nested deeply, or a name that comes twice.
base::Result<json::Document> read_reply(std::string_view body);

// Not empty, at most `most` bytes, all of printable ASCII: with spaces (RFC 6749 appendix A,
// VSCHAR) or without.
bool is_printable(std::string_view text, std::size_t most);
bool is_printable_word(std::string_view text, std::size_t most);

// A number of seconds, fractions cut off, brought into [least, most]; digits in a string count too.
// None for all else.
std::optional<std::chrono::seconds> read_seconds(const json::Value& value,
                                                 std::chrono::seconds least,
                                                 std::chrono::seconds most);

base::Error malformed(const char* what);

}  // namespace dogpipe::auth
