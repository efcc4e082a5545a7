#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dogpipe::http {

// The value of a Retry-After field (RFC 9110, 10.2.3): seconds or a date. Nothing for what is
// neither; a date that has passed is zero.
std::optional<std::chrono::milliseconds> read_retry_after(
    std::string_view value, std::chrono::system_clock::time_point now);

}  // namespace dogpipe::http
