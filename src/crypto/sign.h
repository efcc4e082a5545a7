// Signatures for JSON Web Tokens (RFC 7518 sections 3.3 and 3.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::crypto {

class SigningKey {
 public:
  // A private key in PEM (PKCS#8, PKCS#1 or SEC 1), not encrypted: RSA from 2048 bits on, or EC on
  // P-256. Errors: Kind::usage, without anything of the key.
  static base::Result<SigningKey> read(const base::Secret& pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  std::string_view algorithm() const;  // "RS256" or "ES256"
  // The signature's bytes as a JWS has them (for ES256 r and s, 32 bytes each).
  base::Result<std::string> sign(std::string_view text) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::crypto
