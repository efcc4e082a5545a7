#include "sandbox/field_value.h"

#include <algorithm>
#include <utility>

#include "crypto/base64.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kBegin = "=?base64?";
constexpr std::string_view kEnd = "?=";

// With padding, and nothing that an encoder would not have written.
std::optional<std::string> read_base64(std::string_view text) {
  std::string url(text);
  if (url.size() % 4 != 0 || url.find_first_of("-_") != std::string::npos) return std::nullopt;
  std::replace(url.begin(), url.end(), '+', '-');
  std::replace(url.begin(), url.end(), '/', '_');
  for (int i = 0; i < 2 && url.ends_with('='); ++i) url.pop_back();
  auto bytes = crypto::read_base64url(url);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

bool printable(char c) { return c == '\t' || (c >= ' ' && c <= '~'); }

}  // namespace

std::optional<std::string> read_field_value(std::string_view field) {
  if (!std::all_of(field.begin(), field.end(), printable)) return std::nullopt;
  if (!field.starts_with(kBegin) || !field.ends_with(kEnd)) return std::string(field);
  if (field.size() < kBegin.size() + kEnd.size()) return std::string(field);
  field.remove_prefix(kBegin.size());
  field.remove_suffix(kEnd.size());
  return read_base64(field);
}

bool says_the_same(std::string_view decoded, json::Value value) {
  if (value.is_string()) return decoded == value.text_or("");
  if (value.type() == json::Type::boolean) {
    return decoded == (value.bool_or(false) ? "true" : "false");
  }
  if (!value.is_number()) return false;
  if (decoded == value.number_text()) return true;
  const auto read = json::read(decoded, {.bytes = decoded.size(), .depth = 2});
  if (!read || !read->root().is_number()) return false;
  const auto a = read->root().as_integer();
  const auto b = value.as_integer();
  if (a && b) return *a == *b;
  return read->root().number_or(0) == value.number_or(1);
}

}  // namespace dogpipe::sandbox
