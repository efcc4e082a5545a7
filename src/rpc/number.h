// JSON numbers (RFC 8259, section 6), byte by byte: a table of what comes after what.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dogpipe::rpc {

// By what was read last.
enum class Number : std::uint8_t {
  minus,
  zero,  // of the integer part: no digit may follow
  integer,
  point,
  fraction,
  e,
  sign,
  exponent,
  over,  // the byte is not part of the number, which is complete
  flaw,  // the byte is not part of the number, which is not complete
};

namespace number_detail {

enum Byte : std::uint8_t { other, zero_digit, digit, dot, letter_e, plus_minus };

inline constexpr auto kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (unsigned char c = '1'; c <= '9'; ++c) bytes[c] = digit;
  bytes['0'] = zero_digit;
  bytes['.'] = dot;
  bytes['e'] = bytes['E'] = letter_e;
  bytes['+'] = bytes['-'] = plus_minus;
  return bytes;
}();

inline Byte byte_of(char c) { return kBytes[static_cast<unsigned char>(c)]; }

}  // namespace number_detail

inline bool begins_number(char c) {
  const auto byte = number_detail::byte_of(c);
  return byte == number_detail::digit || byte == number_detail::zero_digit || c == '-';
}

// What a number is after its first byte.
inline Number begin_number(char c) {
  return c == '-' ? Number::minus : c == '0' ? Number::zero : Number::integer;
}

inline Number continue_number(Number number, char c) {
  using enum Number;
  // Columns: any other byte, 0, 1 to 9, dot, e, sign.
  static constexpr Number kNext[][6] = {
      {flaw, zero, integer, flaw, flaw, flaw},       // minus
      {over, over, over, point, e, over},            // zero
      {over, integer, integer, point, e, over},      // integer
      {flaw, fraction, fraction, flaw, flaw, flaw},  // point
      {over, fraction, fraction, over, e, over},     // fraction
      {flaw, exponent, exponent, flaw, flaw, sign},  // e
      {flaw, exponent, exponent, flaw, flaw, flaw},  // sign
      {over, exponent, exponent, over, over, over},  // exponent
  };
  return kNext[static_cast<std::size_t>(number)][number_detail::byte_of(c)];
}

// Whether the number may end here.
inline bool is_complete(Number number) { return continue_number(number, ' ') == Number::over; }

}  // namespace dogpipe::rpc
