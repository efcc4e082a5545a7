// Numbers that look random and are the same for the same seed, on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dogpipe::sandbox {

// SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

constexpr std::uint64_t mix(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = mix(seed ^ static_cast<unsigned char>(c));
  return seed;
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(mix(seed)) {}

  std::uint64_t next() { return state_ = mix(state_); }
  // From `low` to `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool percent(int chance) { return between(1, 100) <= chance; }
  template <class Container>
  const auto& pick(const Container& from) {
    return from[next() % from.size()];
  }
  std::string hex(std::size_t digits) {
    std::string text;
    for (std::uint64_t bits = 0; text.size() < digits; bits >>= 4) {
      if (text.size() % 16 == 0) bits = next();
      text += "0123456789abcdef"[bits & 15];
    }
    return text;
  }

 private:
  std::uint64_t state_;
};

}  // namespace dogpipe::sandbox
