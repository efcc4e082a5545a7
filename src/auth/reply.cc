#include "auth/reply.h"

#include <algorithm>

#include "base/number.h"

namespace dogpipe::auth {
namespace {

constexpr json::Limits kLimits{.bytes = 256 * 1024, .depth = 16, .unique_names = true};

bool within(std::string_view text, std::size_t most, char first) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= '~'; });
}

std::optional<double> number_of_digits(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? base::read_number(text) : std::nullopt;
}

std::optional<double> number_in(const json::Value& value) {
  if (value.is_string()) return number_of_digits(value.text_or({}));
  const auto number = value.as_number();
  if (!number) return std::nullopt;
  return *number;
}

}  // namespace

base::Result<json::Document> read_reply(std::string_view body) {
  auto document = json::read(body, kLimits);
  if (!document) {
    return base::Error{base::Kind::malformed, std::move(document).error().what};
  }
  if (!document->root().is_object()) return malformed("not a JSON object");
  return document;
}

bool is_printable(std::string_view text, std::size_t most) { return within(text, most, ' '); }
bool is_printable_word(std::string_view text, std::size_t most) { return within(text, most, '!'); }

std::optional<std::chrono::seconds> read_seconds(const json::Value& value,
                                                 std::chrono::seconds least,
                                                 std::chrono::seconds most) {
  const auto number = number_in(value);
  if (!number) return std::nullopt;
  // Compared as they are: what is out of range must not become an integer.
  if (!(*number > static_cast<double>(least.count()))) return least;
  if (*number >= static_cast<double>(most.count())) return most;
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(*number));
}

base::Error malformed(const char* what) { return {base::Kind::malformed, what}; }

}  // namespace dogpipe::auth
