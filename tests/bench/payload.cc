#include "payload.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bench {
namespace {

constexpr std::string_view kRowHead =
    R"(2026-01-02T03:04:05.678Z INFO web-42 host:i-0abc café row=)";
constexpr std::string_view kRowTail = R"( \"GET /api/v1/items?id=7 HTTP/1.1\" 200 17ms\n)";
constexpr std::size_t kRowNumberDigits = 8;
constexpr std::size_t kRowBytes = kRowHead.size() + kRowNumberDigits + kRowTail.size();

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view claim() {
  return R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientInfo":{"name":"bench-driver","version":"1.0.0"},)"
         R"("io.modelcontextprotocol/clientCapabilities":{}})";
}

std::string_view path_of(Era era) { return era == Era::modern ? "/modern" : "/mcp"; }

std::string_view result_close(Era era) {
  return era == Era::modern ? R"("}],"isError":false,"resultType":"complete"}})"
                            : R"("}],"isError":false}})";
}

std::string bulk_text(std::size_t bytes) {
  std::string text;
  text.reserve(bytes);
  std::array<char, kRowNumberDigits> number;
  number.fill('0');
  while (text.size() + kRowBytes <= bytes) {
    text.append(kRowHead).append(number.data(), number.size()).append(kRowTail);
    for (std::size_t i = number.size(); i > 0; --i) {
      if (++number[i - 1] <= '9') break;
      number[i - 1] = '0';
    }
  }
  // Filled up with a plain letter: a cut row could end inside an escape.
  text.append(bytes - text.size(), 'x');
  return text;
}

std::string progress_events(std::string_view token, std::uint64_t count) {
  std::string out;
  out.reserve(static_cast<std::size_t>(count) * 160);
  for (std::uint64_t i = 1; i <= count; ++i) {
    out += "event: message\ndata: ";
    out += R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":")";
    out += token;
    out += R"(","progress":)";
    append_number(out, i);
    out += R"(,"total":)";
    append_number(out, count);
    out += "}}\n\n";
  }
  return out;
}

std::string echo_text(std::string_view text) {
  constexpr std::size_t kEchoBytes = 195;
  std::string out{text};
  out += ' ';
  out.append(kEchoBytes - std::min(kEchoBytes, out.size()), '.');
  return out;
}

}  // namespace bench
