// Texts that the server gives away and gets back: nobody can have changed them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/random.h"

namespace dogpipe::sandbox {

// HMAC-SHA256 (RFC 2104), in hexadecimal digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

class Seal {
 public:
  // With a key of its own: what one process has sealed no other can open.
  explicit Seal(crypto::Random& random);

  // Visible ASCII.
  std::string close(std::string_view text) const;
  // Errors: Kind::malformed, when a byte is not as close() has written it.
  base::Result<std::string> open(std::string_view sealed) const;

 private:
  std::string key_;
};

}  // namespace dogpipe::sandbox
