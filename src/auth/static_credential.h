// Credentials that the user has given: an own Authorization header, a bearer token, or the key
// pair.
#pragma once

#include <string>

#include "auth/authorizer.h"
#include "base/secret.h"

namespace dogpipe::auth {

// Each may be empty. Used in this order: `own_header`, token, both keys.
struct StaticSecrets {
  bool own_header = false;  // the user's own --header fields authorize; nothing is added
  base::Secret token;       // personal or service access token
  base::Secret api_key;
  base::Secret application_key;
  std::string site;  // for advice
};

class StaticCredential final : public Authorizer {
 public:
  explicit StaticCredential(const StaticSecrets& secrets);

  const Credential& credential() const override { return credential_; }
  std::uint64_t generation() const override { return 0; }
  std::unique_ptr<Wait> prepare(Done) override { return nullptr; }
  std::unique_ptr<Wait> mend(const Refusal&, Done) override { return nullptr; }
  std::string advice(int status) const override;

 private:
  enum class Source { none, own_header, token, keys };

  Source source_ = Source::none;
  std::string site_;
  Credential credential_;
};

}  // namespace dogpipe::auth
