#include "crypto/random.h"

#include <openssl/rand.h>

#include <climits>
#include <vector>

namespace dogpipe::crypto {

base::Result<void> SystemRandom::fill(std::span<unsigned char> bytes) {
  if (bytes.size() > INT_MAX || RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return base::Error{base::Kind::file, "the random generator failed"};
  }
  return {};
}

base::Result<std::string> random_hex(Random& random, std::size_t bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::vector<unsigned char> raw(bytes);
  if (auto filled = random.fill(raw); !filled) return std::move(filled).error();
  std::string hex;
  hex.reserve(2 * bytes);
  for (const unsigned char byte : raw) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace dogpipe::crypto
