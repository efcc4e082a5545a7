#include "bridge.h"

#include <array>
#include <charconv>

#include "payload.h"

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

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

Clock::time_point patience() { return Clock::now() + kPatience; }

void append_call(std::string& out, std::uint64_t id, std::string_view arguments) {
  out.append(R"({"jsonrpc":"2.0","id":)");
  append_number(out, id);
  out.append(R"(,"method":"tools/call","params":{"name":"work",)").append(arguments);
  out.append("}}\n");
}

void append_echo(std::string& out, std::uint64_t id, bool as_events) {
  out.append(R"({"jsonrpc":"2.0","id":)");
  append_number(out, id);
  out.append(R"(,"method":"tools/call","params":{"name":"work","arguments":{"text":"call )");
  append_number(out, id);
  out.append(as_events ? "\",\"sse\":true}}}\n" : "\"}}}\n");
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
                                    bool keep_stderr) {
  const auto at = Clock::now();
  auto child = Child::spawn(words, settings, channel, keep_stderr);
  if (!child) return std::nullopt;
  return Bridge{std::move(*child), at};
}

Trouble Bridge::send_initialize() {
  if (!host_.send(kInitialize, patience())) return "went away before initialize";
  return std::nullopt;
}

Trouble Bridge::await_initialize() {
  const auto deadline = patience();
  for (;;) {  // bounded by the deadline of fill()
    while (const auto line = host_.take_line()) {
      if (message_id(*line) != 0U) continue;
      if (is_result(*line)) return std::nullopt;
      return "refused initialize: " + std::string{line->substr(0, 200)};
    }
    if (!host_.fill(deadline)) return "did not answer initialize";
  }
}

// A bridge that answers initialize by itself, before it has reached the server, is found out here.
Trouble Bridge::confirm_initialize() {
  if (!host_.send(kInitialized, patience())) return "went away after initialize";
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
  append_call(request, id, arguments);
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
