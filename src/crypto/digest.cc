#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>

#include "crypto/hex.h"

namespace dogpipe::crypto {

std::array<unsigned char, 32> sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  const int made =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  // A wrong digest would be accepted where a right one matters; and no OpenSSL lacks SHA-256.
  if (made != 1 || size != digest.size()) std::abort();
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace dogpipe::crypto
