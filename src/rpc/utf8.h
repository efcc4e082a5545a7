// UTF-8 as RFC 3629 has it: nothing overlong, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <bit>
#include <cstdint>

#include "rpc/simd.h"

namespace dogpipe::rpc {

// What must follow the first byte of a sequence.
struct Utf8Lead {
  std::uint8_t left = 0;     // continuation bytes; 0: this is no first byte
  unsigned char low = 0x80;  // bounds of the first of them; those behind it are 80 to BF
  unsigned char high = 0xBF;
};

constexpr Utf8Lead utf8_lead(unsigned char lead) {
  if (lead < 0xC2 || lead > 0xF4) return {};
  if (lead < 0xE0) return {1};
  if (lead == 0xE0) return {2, 0xA0};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead < 0xF0) return {2};
  if (lead == 0xF0) return {3, 0x90};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return {3};
}

// The length of the sequence of two to four bytes at `at`, of which four can be read; 0 if there is
// none. The four bytes are judged as one word, the first lowest.
inline int utf8_length(const char* at) {
  const auto byte = [at](int i) { return std::uint32_t{static_cast<unsigned char>(at[i])}; };
  const std::uint32_t word = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
  if ((word & 0xC0C0F0) == 0x8080E0) {
    const std::uint32_t second = word & 0x200F;
    return second != 0 && second != 0x200D ? 3 : 0;  // 0: overlong, 200D: a surrogate
  }
  if ((word & 0xC0E0) == 0x80C0) return (word & 0x1E) != 0 ? 2 : 0;
  if ((word & 0xC0C0C0F8) != 0x808080F0) return 0;
  const std::uint32_t plane = (word & 7) << 2 | (word >> 12 & 3);
  return plane >= 1 && plane <= 16 ? 4 : 0;
}

// Past blocks of valid text, not all of it ASCII, as long as it holds only sequences that are valid
// by their length: what begins with C0, C1, E0, ED, F0 to FF is left to utf8_length(). `at` begins
// a sequence; so does what is returned.
inline const char* skip_utf8_blocks(const char* at, const char* end) {
  while (Block::kSize == 16 && end - at >= 16) {
    const Block block(at);
    const std::uint32_t high = Block::bits(block.not_ascii());
    if (high == 0) return at;
    const std::uint32_t leads = Block::bits(block.at_least(0xC0));
    const std::uint32_t leads_of_three = Block::bits(block.at_least(0xE0));
    const std::uint32_t stops =
        Block::bits(block.is('"') | block.is('\\') | block.at_most(0x1F) | block.is('\xC0') |
                    block.is('\xC1') | block.is('\xE0') | block.is('\xED') | block.at_least(0xF0));
    // Five sequences of three bytes: a step of known length, which need not wait for the masks.
    if (leads == 0x9249 && leads_of_three == 0x9249 && high == 0xFFFF && stops == 0) {
      at += 15;
      continue;
    }
    const std::uint32_t cut = (leads & 0x8000) | (leads_of_three & 0x4000);
    const int size = std::countr_zero(stops | cut | 0x10000u);
    const std::uint32_t continued = leads << 1 | leads_of_three << 2;
    // What follows the last sequence counts: it may stand where a continuation byte should.
    const std::uint32_t judged = ((2u << size) - 1) & 0xFFFF;
    if (((continued ^ high ^ leads) & judged) != 0) return at;
    at += size;
    if ((stops >> size & 1) != 0) return at;
  }
  return at;
}

// Past all complete sequences: stops at ASCII, at what is no UTF-8, or less than four bytes before
// the end. May take ASCII other than quotes, backslashes and control characters, too.
inline const char* skip_utf8(const char* at, const char* end) {
  at = skip_utf8_blocks(at, end);
  while (end - at >= 4) {
    const int length = utf8_length(at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

}  // namespace dogpipe::rpc
