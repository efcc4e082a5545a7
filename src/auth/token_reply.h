// What comes back from a token endpoint (RFC 6749 sections 5.1 and 5.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::auth {

struct TokenReply {
  base::Secret access_token;
  // Clamped to [60 s, 30 days], so that no reply makes us ask again and again: what lives shorter
  // is used until it is refused. None: the server did not say, or said what is no number of
  // seconds.
  std::optional<std::chrono::seconds> lifetime;
  base::Secret refresh_token;        // empty: none came; the old one goes on
  std::optional<std::string> scope;  // as granted, when that differs from what was asked
};
// A reply with status 200. Errors: Kind::malformed, also for a token type other than Bearer, a
// token beyond 64 KiB or one that cannot be a header field. A scope that is no list of scopes
// counts as not said.
base::Result<TokenReply> read_token_reply(std::string_view body);

// Any other reply (RFC 6749 section 5.2, RFC 8628 section 3.5).
enum class TokenRefusal : std::uint8_t {
  invalid_grant,   // code or refresh token is not valid (any more)
  invalid_client,  // the server does not know us (any more)
  invalid_scope,
  invalid_target,  // RFC 8707
  authorization_pending,
  slow_down,
  access_denied,
  expired_token,
  other,        // the request will not do as it is
  unavailable,  // 5xx, 408, 429, or no OAuth answer at all: says nothing about the grant
};
// An OAuth answer is a JSON object with a text in `error` that comes with 400, 401 or 403.
TokenRefusal read_token_refusal(int status, std::string_view body);
// For people: fixed texts.
std::string_view describe(TokenRefusal refusal);

}  // namespace dogpipe::auth
