// The log: one place through which every line to people goes.
//
// A line is `2026-11-22T12:00:00.123Z INFO dogpipe[4711] text`, or one JSON object. It is cleaned
// here: all that is not printable ASCII is written as its bytes, <1b>, and long text is cut, so
// that nothing a server sends can forge a line, hide in one, or reach the terminal as an escape
// sequence. What must not be logged at all (bodies, query strings, secrets) is not passed in: see
// base/secret.h.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dogpipe::base {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { text, json };

std::optional<LogLevel> read_log_level(std::string_view name);

struct LogSettings {
  LogLevel level = LogLevel::warn;
  LogFormat format = LogFormat::text;
  std::string file;                         // empty: stderr
  std::size_t rotate_at_bytes = 10u << 20;  // a full file is renamed to .1, .1 to .2 ...
  std::size_t files_kept = 5;
};

// Until this is called, warnings and errors go to stderr as text. May be called again.
Result<void> open_log(const LogSettings& settings);

// The text as it may stand in a log line or on a terminal; at most 512 bytes of it.
std::string printable(std::string_view text);

namespace log_detail {
extern LogLevel threshold;
void write(LogLevel level, std::string_view text);
}  // namespace log_detail

inline bool logs(LogLevel level) { return level >= log_detail::threshold; }

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (logs(level)) log_detail::write(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace dogpipe::base
