#include "crypto/random.h"

#include <openssl/rand.h>

#include <climits>
#include <vector>

#include "crypto/hex.h"

namespace dogpipe::crypto {

base::Result<void> SystemRandom::fill(std::span<unsigned char> bytes) {
  if (bytes.size() > INT_MAX || RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return base::Error{base::Kind::file, "the random generator failed"};
  }
  return {};
}

base::Result<std::string> random_hex(Random& random, std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  if (auto filled = random.fill(raw); !filled) return std::move(filled).error();
  return hex(raw);
}

}  // namespace dogpipe::crypto
