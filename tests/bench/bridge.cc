#include "bridge.h"

#include <array>
#include <charconv>

namespace bench {
namespace {

constexpr std::chrono::seconds kPatience{90};

constexpr std::string_view kInitialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{},"clientInfo":{"name":"bench-driver","version":"1.0.0"}}})"
    "\n";
constexpr std::string_view kInitialized =
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
    "\n";

// What the modern wire wants in all params, and the end of the message.
void append_end(std::string& out, Era era) {
  if (era == Era::modern) out.append(",").append(claim());
  out.append("}}\n");
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

std::string_view modern_opening() {
  static const std::string kLine =
      R"({"jsonrpc":"2.0","id":0,"method":"tools/list","params":{)" + std::string{claim()} + "}}\n";
  return kLine;
}

}  // namespace

Clock::time_point patience() { return Clock::now() + kPatience; }

void append_call(std::string& out, std::uint64_t id, std::string_view arguments, Era era) {
  out.append(R"({"jsonrpc":"2.0","id":)");
  append_number(out, id);
  out.append(R"(,"method":"tools/call","params":{"name":"work",)").append(arguments);
  append_end(out, era);
}

void append_echo(std::string& out, std::uint64_t id, bool as_events, Era era) {
  out.append(R"({"jsonrpc":"2.0","id":)");
  append_number(out, id);
  out.append(R"(,"method":"tools/call","params":{"name":"work","arguments":{"text":"call )");
  append_number(out, id);
  out.append(as_events ? "\",\"sse\":true}" : "\"}");
  append_end(out, era);
}

bool answers_echo(std::string_view line, std::uint64_t id) {
  static const std::string kFiller = echo_text("");
  std::string text{"call "};  // short: no allocation
  append_number(text, id);
  text += ' ';
  const auto got = result_text(line);
  return got.size() == kFiller.size() && got.starts_with(text) &&
         kFiller.ends_with(got.substr(text.size())) && is_result(line);
}

std::optional<Bridge> Bridge::spawn(const std::vector<std::string>& words,
                                    const std::vector<std::string>& settings, Channel channel,
                                    bool keep_stderr, Era era) {
  const auto at = Clock::now();
  auto child = Child::spawn(words, settings, channel, keep_stderr);
  if (!child) return std::nullopt;
  return Bridge{std::move(*child), at, era};
}

Trouble Bridge::send_opening() {
  const bool sent = host_.send(era_ == Era::modern ? modern_opening() : kInitialize, patience());
  if (!sent) return "went away before its first request";
  return std::nullopt;
}

Trouble Bridge::await_opening() {
  const auto deadline = patience();
  for (;;) {  // bounded by the deadline of fill()
    while (const auto line = host_.take_line()) {
      if (message_id(*line) != 0U) continue;
      if (is_result(*line)) return std::nullopt;
      return "refused its first request: " + std::string{line->substr(0, 200)};
    }
    if (!host_.fill(deadline)) return "did not answer its first request";
  }
}

// A bridge that answers initialize by itself, before it has reached the server, is found out here.
Trouble Bridge::confirm_opening() {
  if (era_ == Era::legacy && !host_.send(kInitialized, patience())) {
    return "went away after initialize";
  }
  const auto id = next_id_;
  std::string_view line;
  if (auto trouble = call(R"("arguments":{"text":"call )" + std::to_string(id) + R"("})", line)) {
    return trouble;
  }
  if (!answers_echo(line, id)) return "wrong first answer: " + std::string{line.substr(0, 200)};
  return std::nullopt;
}

Trouble Bridge::call(std::string_view arguments, std::string_view& line) {
  const auto id = take_id();
  std::string request;
  append_call(request, id, arguments, era_);
  const auto deadline = patience();
  if (!host_.send(request, deadline)) return "went away before a call";
  for (;;) {  // bounded by the deadline of fill()
    while (const auto next = host_.take_line()) {
      if (message_id(*next) != id) continue;
      line = *next;
      return std::nullopt;
    }
    if (!host_.fill(deadline)) return "did not answer a call";
  }
}

}  // namespace bench
