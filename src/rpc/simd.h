// Sixteen bytes at a time: SSE2 on x86-64, NEON on aarch64, one byte at a time elsewhere.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace dogpipe::rpc {

// A block answers questions about each of its bytes with a Mask; Masks are or-ed together. bits()
// has a bit for each byte, the first lowest; first() is the index of the first byte meant, or
// kSize.
struct ByteBlock {
  using Mask = unsigned;  // 0 or 1
  static constexpr int kSize = 1;

  explicit ByteBlock(const char* at) : byte(static_cast<unsigned char>(*at)) {}
  Mask is(char c) const { return byte == static_cast<unsigned char>(c); }
  Mask at_most(unsigned char c) const { return byte <= c; }
  Mask at_least(unsigned char c) const { return byte >= c; }
  Mask not_ascii() const { return at_least(0x80); }
  static std::uint32_t bits(Mask mask) { return mask; }
  static int first(Mask mask) { return mask != 0 ? 0 : kSize; }

  unsigned char byte;
};

#if defined(__SSE2__)

struct Block {
  // Only the highest bit of each byte counts.
  struct Mask {
    __m128i bytes;
    Mask operator|(Mask other) const { return {_mm_or_si128(bytes, other.bytes)}; }
  };
  static constexpr int kSize = 16;

  explicit Block(const char* at)
      : bytes(_mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(at)))) {}
  Mask is(char c) const { return {_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))}; }
  Mask at_most(unsigned char c) const {
    return {_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(c))), bytes)};
  }
  Mask at_least(unsigned char c) const {
    return {_mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(static_cast<char>(c))), bytes)};
  }
  Mask not_ascii() const { return {bytes}; }
  static std::uint32_t bits(Mask mask) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(mask.bytes));
  }
  static int first(Mask mask) { return std::countr_zero(bits(mask) | 0x10000u); }

  __m128i bytes;
};

#elif defined(__aarch64__) && defined(__ARM_NEON)

struct Block {
  struct Mask {
    uint8x16_t bytes;
    Mask operator|(Mask other) const { return {vorrq_u8(bytes, other.bytes)}; }
  };
  static constexpr int kSize = 16;

  explicit Block(const char* at) : bytes(vld1q_u8(reinterpret_cast<const std::uint8_t*>(at))) {}
  Mask is(char c) const { return {vceqq_u8(bytes, vdupq_n_u8(static_cast<std::uint8_t>(c)))}; }
  Mask at_most(unsigned char c) const { return {vcleq_u8(bytes, vdupq_n_u8(c))}; }
  Mask at_least(unsigned char c) const { return {vcgeq_u8(bytes, vdupq_n_u8(c))}; }
  Mask not_ascii() const { return at_least(0x80); }
  static std::uint32_t bits(Mask mask) {
    static constexpr std::uint8_t kWeights[] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weights = vandq_u8(mask.bytes, vld1q_u8(kWeights));
    const std::uint32_t high = vaddv_u8(vget_high_u8(weights));
    return vaddv_u8(vget_low_u8(weights)) | high << 8;
  }
  static int first(Mask mask) {
    // NEON has no movemask: a shift that narrows leaves four bits of each byte.
    const uint8x8_t nibbles = vshrn_n_u16(vreinterpretq_u16_u8(mask.bytes), 4);
    return std::countr_zero(vget_lane_u64(vreinterpret_u64_u8(nibbles), 0)) / 4;
  }

  uint8x16_t bytes;
};

#else

using Block = ByteBlock;

#endif

// The first byte for which `meant`, a function from a block to its Mask, holds; `end` if none.
template <class Meant>
const char* find(const char* at, const char* end, Meant meant) {
  for (; end - at >= Block::kSize; at += Block::kSize) {
    const int index = Block::first(meant(Block(at)));
    if (index != Block::kSize) return at + index;
  }
  while (at != end && meant(ByteBlock(at)) == 0) ++at;
  return at;
}

// Past what needs no look inside a string: stops at a quote, a backslash, a control character or a
// byte that is not ASCII.
inline const char* skip_plain(const char* at, const char* end) {
  return find(at, end, [](auto block) {
    return block.is('"') | block.is('\\') | block.at_most(0x1F) | block.not_ascii();
  });
}

// Behind the closing quote of a string that is known to be sound; `at` is behind the opening one.
inline const char* skip_string(const char* at, const char* end) {
  for (;;) {
    at = find(at, end, [](auto block) { return block.is('"') | block.is('\\'); });
    if (at == end) return end;
    if (*at == '"') return at + 1;
    if (end - at < 2) return end;
    at += 2;
  }
}

}  // namespace dogpipe::rpc
