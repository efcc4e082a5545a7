#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <memory>
#include <utility>

namespace dogpipe::base {
namespace log_detail {
LogLevel threshold = LogLevel::warn;
}  // namespace log_detail

namespace {

constexpr std::size_t kLongestText = 512;
constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info",
                                                    "warn",  "error", "off"};
constexpr std::array<std::string_view, 6> kShown = {"TRACE", "DEBUG", "INFO",
                                                    "WARN",  "ERROR", "OFF"};
// The rest of a line is written by line_of(): spdlog would say "warning" for warn.
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

constexpr std::array<spdlog::level::level_enum, 6> kLevels = {
    spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
    spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};

std::unique_ptr<spdlog::logger> logger;  // made at the first line: most runs write none
LogFormat format_in_use = LogFormat::text;

std::unique_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, LogFormat format) {
  auto made = std::make_unique<spdlog::logger>("dogpipe", std::move(sink));
  made->set_level(spdlog::level::trace);
  made->flush_on(spdlog::level::trace);
  made->set_pattern(format == LogFormat::json ? kJsonPattern : kTextPattern,
                    spdlog::pattern_time_type::utc);
  made->set_error_handler([](const std::string&) {});  // a full disk must not disturb the bridge
  return made;
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string line_of(LogLevel level, std::string_view text) {
  const auto at = static_cast<std::size_t>(level);
  if (format_in_use == LogFormat::text) {
    return fmt::format("{} dogpipe[{}] {}", kShown[at], getpid(), text);
  }
  return fmt::format(R"("level":"{}","pid":{},"msg":"{}")", kNames[at], getpid(),
                     json_escaped(text));
}

}  // namespace

std::optional<LogLevel> read_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string printable(std::string_view text) {
  std::string out;
  const bool cut = text.size() > kLongestText;
  for (const char c : text.substr(0, kLongestText)) {
    if (c >= 0x20 && c <= 0x7e) {
      out += c;
    } else {
      out += fmt::format("<{:02x}>", static_cast<unsigned char>(c));
    }
  }
  if (cut) out += "...";
  return out;
}

Result<void> open_log(const LogSettings& settings) {
  log_detail::threshold = settings.level;
  format_in_use = settings.format;
  logger.reset();
  if (settings.file.empty()) return {};
  try {
    logger = make_logger(std::make_shared<spdlog::sinks::rotating_file_sink_st>(
                             settings.file, settings.rotate_at_bytes, settings.files_kept),
                         settings.format);
  } catch (const std::exception&) {
    return Error{Kind::file, "cannot open the log file " + printable(settings.file)};
  }
  return {};
}

void log_detail::write(LogLevel level, std::string_view text) {
  try {
    if (!logger) {
      logger = make_logger(std::make_shared<spdlog::sinks::stderr_sink_st>(), format_in_use);
    }
    logger->log(kLevels[static_cast<std::size_t>(level)], line_of(level, printable(text)));
  } catch (const std::exception&) {
    // There is nobody left to tell.
  }
}

}  // namespace dogpipe::base
