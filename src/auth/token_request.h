// The forms that go to an authorization server: for tokens by code (RFC 6749 section 4.1.3 with
// PKCE, RFC 7636), by refresh token (section 6), by who we are (section 4.4, RFC 7523) and by
// device (RFC 8628); to revoke them (RFC 7009).
#pragma once

#include <string_view>
#include <vector>

#include "auth/client_identity.h"
#include "base/secret.h"
#include "http/message.h"

namespace dogpipe::auth {

// What to POST: a form, and Authorization for basic authentication.
struct FormRequest {
  std::vector<http::Header> fields;  // Content-Type and Accept among them
  base::Secret body;
};

// Authenticates with `client`; for private_key `assertion` is the signed JWT. With basic
// authentication the body does not repeat the id. `resource` (RFC 8707) goes as it is; empty, like
// `scope`: no parameter.
FormRequest code_request(const ClientIdentity& client, const base::Secret& code,
                         std::string_view redirect_uri, const base::Secret& verifier,
                         std::string_view resource, const base::Secret& assertion = {});
FormRequest refresh_request(const ClientIdentity& client, const base::Secret& refresh_token,
                            std::string_view resource, const base::Secret& assertion = {});
FormRequest client_credentials_request(const ClientIdentity& client, std::string_view scope,
                                       std::string_view resource,
                                       const base::Secret& assertion = {});
FormRequest device_request(const ClientIdentity& client, std::string_view scope,
                           std::string_view resource, const base::Secret& assertion = {});
FormRequest device_token_request(const ClientIdentity& client, const base::Secret& device_code,
                                 std::string_view resource, const base::Secret& assertion = {});
// `hint`: "access_token" or "refresh_token"; empty: no parameter.
FormRequest revocation_request(const ClientIdentity& client, const base::Secret& token,
                               std::string_view hint, const base::Secret& assertion = {});

}  // namespace dogpipe::auth
