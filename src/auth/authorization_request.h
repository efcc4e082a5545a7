// The authorization request: code with PKCE (RFC 6749 section 4.1.1, RFC 7636), for a resource (RFC
// 8707).
#pragma once

#include <string>

#include "auth/metadata.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "http/url.h"

namespace dogpipe::auth {

struct Pkce {
  base::Secret verifier;  // 43 characters
  std::string challenge;  // S256
};
// Errors: those of Random; nothing may be asked for then.
base::Result<Pkce> make_pkce(crypto::Random& random);
// 256 bits, base64url.
base::Result<std::string> make_state(crypto::Random& random);

// Whether the server does S256 (RFC 7636), as far as its metadata says; without it there is no
// authorization.
bool does_s256(const ServerMetadata& server);

struct AuthorizationRequest {
  std::string client_id;
  std::string redirect_uri;
  std::string scope;     // empty: no parameter
  std::string resource;  // empty: no parameter
  std::string state;
  std::string challenge;
  std::string organization;  // Datadog: dd_oid, the organization's UUID; empty: no parameter
};
// The endpoint with these parameters added to those it has, but for those of its own that go by the
// name of one of these: no parameter may come twice (RFC 6749 section 3.1).
std::string authorization_url(const http::Url& endpoint, const AuthorizationRequest& request);

}  // namespace dogpipe::auth
