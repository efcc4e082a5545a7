// Random bytes that nobody can guess.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"

namespace dogpipe::crypto {

class Random {
 public:
  virtual ~Random() = default;
  // Errors: Kind::file when the system has none to give; what was to be random must not go out
  // then.
  virtual base::Result<void> fill(std::span<unsigned char> bytes) = 0;
};

// From OpenSSL's generator.
class SystemRandom final : public Random {
 public:
  base::Result<void> fill(std::span<unsigned char> bytes) override;
};

// 2 * `bytes` hexadecimal digits.
base::Result<std::string> random_hex(Random& random, std::size_t bytes);

}  // namespace dogpipe::crypto
