// The switches of the command line, as tables.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "sandbox/quirks.h"

namespace dogpipe::sandbox {

struct Switch {
  std::string_view name;
  std::string_view operand;  // empty: none
  std::string_view help;
  bool (*apply)(Quirks& quirks, std::string_view operand);  // false: not such an operand
};

// Those of the sign-in, and of the wires.
std::span<const Switch> oauth_switches();
std::span<const Switch> wire_switches();

inline std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0) return {};
  return number;
}

template <class T>
T& at(Quirks& quirks, T Quirks::*field) {
  return quirks.*field;
}
template <class T>
T& at(Quirks& quirks, T OAuthQuirks::*field) {
  return quirks.oauth.*field;
}

// What a switch does to one field.

template <auto Field>
bool set(Quirks& quirks, std::string_view) {
  at(quirks, Field) = true;
  return true;
}

template <auto Field>
bool number(Quirks& quirks, std::string_view operand) {
  const auto value = read_number(operand);
  if (!value || *value > 1'000'000'000) return false;
  auto& field = at(quirks, Field);
  using Type = std::remove_reference_t<decltype(field)>;
  field =
      Type(static_cast<std::conditional_t<std::is_same_v<Type, int>, int, std::int64_t>>(*value));
  return true;
}

// Kept as text: one of the listed operands ("json|html"), or anything.
template <auto Field>
bool word(Quirks& quirks, std::string_view operand) {
  at(quirks, Field) = operand;
  return true;
}

}  // namespace dogpipe::sandbox
