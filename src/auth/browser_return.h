// What the browser brings back from the authorization server (RFC 6749 section 4.1.2, RFC 9207).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace dogpipe::auth {

struct Expected {
  std::string state;
  std::string issuer;       // as recorded before the redirect
  bool iss_wanted = false;  // the server has said that it sends iss
};

struct Return {
  enum class Means : std::uint8_t {
    stranger,  // not an answer to our request (no or another state, parameters twice, iss of
               // another issuer or missing where it is promised): not acted on, and the wait goes
               // on
    refused,   // the user or the server has said no; `refusal` is set
    granted,   // `code` is set
  };
  enum class Refusal : std::uint8_t { access_denied, invalid_scope, server, other };

  Means means = Means::stranger;
  Refusal refusal = Refusal::other;
  base::Secret code;
  // Datadog's extra parameters, as sent; empty if absent. Not to be shown unchecked.
  std::string organization;       // dd_oid
  std::string organization_name;  // dd_org_name
  std::string domain;             // host of the site the user has chosen
  std::string site;               // its URL
};
// `query` is what stands behind the question mark. The state is compared in constant time, iss byte
// by byte. A stranger is, too: more than 8 KiB, a '%' that encodes nothing, any parameter named
// here twice, a code beyond 4 KiB or not of printable ASCII, neither code nor error. With both, the
// error counts.
Return read_return(std::string_view query, const Expected& expected);

}  // namespace dogpipe::auth
