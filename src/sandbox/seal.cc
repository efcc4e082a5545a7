#include "sandbox/seal.h"

#include "crypto/base64.h"
#include "crypto/digest.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256, in bytes

std::string sha256(const std::string& text) {
  const auto digest = crypto::sha256(text);
  return {digest.begin(), digest.end()};
}

std::string padded_key(std::string_view key, char pad) {
  std::string block = key.size() > kBlock ? sha256(std::string(key)) : std::string(key);
  block.resize(kBlock, '\0');
  for (char& c : block) c = static_cast<char>(c ^ pad);
  return block;
}

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  const std::string inner = sha256(padded_key(key, 0x36) + std::string(text));
  return crypto::sha256_hex(padded_key(key, 0x5c) + inner);
}

Seal::Seal(crypto::Random& random) {
  // Without randomness there is nothing to protect: this is a server for tests.
  key_ = crypto::random_hex(random, 32).value_or("no randomness");
}

std::string Seal::close(std::string_view text) const {
  const std::string encoded = crypto::base64url(text);
  return encoded + "." + hmac_sha256_hex(key_, encoded);
}

base::Result<std::string> Seal::open(std::string_view sealed) const {
  const std::size_t mark = sealed.rfind('.');
  const std::string_view encoded = sealed.substr(0, mark);
  if (mark == std::string_view::npos ||
      !crypto::equal_in_constant_time(sealed.substr(mark + 1), hmac_sha256_hex(key_, encoded))) {
    return base::Error{base::Kind::malformed, "not sealed here"};
  }
  return crypto::read_base64url(encoded);
}

}  // namespace dogpipe::sandbox
