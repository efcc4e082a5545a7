#include "mcp/field_value.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/base64.h"

namespace dogpipe::mcp {
namespace {

constexpr std::string_view kOpen = "=?base64?";
constexpr std::string_view kClose = "?=";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_plain(std::string_view text) {
  if (text.empty()) return true;
  if (is_blank(text.front()) || is_blank(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_blank(c) || (c > 0x20 && c < 0x7f); });
}

bool looks_encoded(std::string_view text) {
  return text.substr(0, kOpen.size()) == kOpen && base::ends_with(text, kClose);
}

}  // namespace

std::string field_value(std::string_view utf8) {
  if (is_plain(utf8) && !looks_encoded(utf8)) return std::string(utf8);
  return std::string(kOpen) + crypto::base64(utf8) + std::string(kClose);
}

}  // namespace dogpipe::mcp
