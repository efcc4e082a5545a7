// Saying who we are by a signature (RFC 7523 sections 2.2 and 3).
#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/random.h"

namespace dogpipe::auth {

// A JWT: iss and sub are the client id, `audience` is the issuer, it lives five minutes from `now`
// (since 1970) on and has an id of 128 random bits. RS256 or ES256, as the key is. Errors:
// Kind::usage for a key that is neither, those of Random.
base::Result<base::Secret> client_assertion(const base::Secret& pem_key, std::string_view client_id,
                                            std::string_view audience, std::chrono::seconds now,
                                            crypto::Random& random);

}  // namespace dogpipe::auth
