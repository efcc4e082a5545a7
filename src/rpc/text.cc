#include "rpc/text.h"

#include <cstdint>

#include "rpc/simd.h"
#include "rpc/utf8.h"

namespace dogpipe::rpc {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  const auto tail = [&byte, code](int shift) { byte(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) return byte(0xC0 | code >> 6), tail(0);
  if (code < 0x10000) return byte(0xE0 | code >> 12), tail(6), tail(0);
  byte(0xF0 | code >> 18), tail(12), tail(6), tail(0);
}

std::uint32_t hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value << 4 | static_cast<std::uint32_t>(digit & 0xF);
  }
  return value;
}

// The code unit of the \uXXXX that `text` begins with, if it does.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  return hex_value(text.substr(2, 4));
}

char short_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// Appends what the escape that `text` begins with stands for; returns its length.
std::size_t append_escape(std::string& out, std::string_view text) {
  const auto first = code_unit(text);
  if (!first) {
    if (text.size() > 1) out.push_back(short_escape(text[1]));
    return 2;
  }
  if (!is_surrogate(*first)) return append_utf8(out, *first), 6;
  const auto second = code_unit(text.substr(6));
  if (*first < 0xDC00 && second && is_surrogate(*second) && *second >= 0xDC00) {
    append_utf8(out, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
    return 12;
  }
  out += kReplacement;
  return 6;
}

void append_control(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out.push_back(kHex[c >> 4]);
  out.push_back(kHex[c & 0xF]);
}

// The length of the UTF-8 sequence at the beginning of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
  char four[4] = {};
  text.copy(four, sizeof four);
  return static_cast<std::size_t>(utf8_length(four));
}

}  // namespace

bool spells(std::string_view escaped, std::string_view plain) {
  // An escape is longer than what it stands for, but at most six times.
  if (escaped.size() < plain.size() || escaped.size() > 6 * plain.size()) return false;
  const bool has_escape = escaped.find('\\') != std::string_view::npos;
  return has_escape ? unescape(escaped) == plain : escaped == plain;
}

std::string unescape(std::string_view escaped) {
  std::string out;
  out.reserve(escaped.size());
  while (!escaped.empty()) {
    const std::size_t plain = std::min(escaped.find('\\'), escaped.size());
    out += escaped.substr(0, plain);
    escaped.remove_prefix(plain);
    if (!escaped.empty()) {
      escaped.remove_prefix(std::min(append_escape(out, escaped), escaped.size()));
    }
  }
  return out;
}

std::optional<std::string> string_value(std::string_view raw) {
  if (raw.size() < 2 || raw.front() != '"') return std::nullopt;
  return unescape(raw.substr(1, raw.size() - 2));
}

std::string quoted(std::string_view utf8) {
  std::string out = "\"";
  out.reserve(utf8.size() + 2);
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  while (at != end) {
    const char* const plain_end = skip_plain(at, end);
    out.append(at, plain_end);
    at = plain_end;
    if (at == end) break;
    const auto byte = static_cast<unsigned char>(*at);
    if (byte >= 0x80) {
      const std::size_t length = sequence_length({at, static_cast<std::size_t>(end - at)});
      out += length == 0 ? kReplacement : std::string_view(at, length);
      at += length == 0 ? 1 : length;
      continue;
    }
    if (byte < 0x20) {
      append_control(out, byte);
    } else {
      out.push_back('\\');
      out.push_back(*at);
    }
    ++at;
  }
  out.push_back('"');
  return out;
}

}  // namespace dogpipe::rpc
