#include "crypto/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace dogpipe::crypto {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
}

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    const std::size_t digits = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
    for (std::size_t k = 0; k < digits; ++k) text += alphabet[group >> (18 - 6 * k) & 63];
  }
  return text;
}

constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kUrl.size(); ++i) {
    values[static_cast<unsigned char>(kUrl[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

base::Error malformed() { return {base::Kind::malformed, "not base64url"}; }

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text = encode(bytes, kStandard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base64url(std::string_view bytes) { return encode(bytes, kUrl); }

std::string base64url(std::span<const unsigned char> bytes) {
  return base64url(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

base::Result<std::string> read_base64url(std::string_view text) {
  static constexpr std::array<std::uint8_t, 256> kValues = digit_values();
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned bits = 0;  // of `held` that are not yet in `bytes`
  for (const char c : text) {
    const std::uint32_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return malformed();
    held = held << 6 | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFF);
  }
  // What is left over is less than a digit, and zero (RFC 4648 section 3.5).
  const std::uint32_t left_over = held & ((1u << bits) - 1);
  if (bits == 6 || left_over != 0) return malformed();
  return bytes;
}

}  // namespace dogpipe::crypto
