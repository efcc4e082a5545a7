// Becoming a client of an authorization server: which way, and dynamic registration (RFC 7591).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/client_identity.h"
#include "auth/metadata.h"
#include "base/result.h"

namespace dogpipe::auth {

// What the user has set; each may be empty.
struct ClientSettings {
  std::string id;
  base::Secret secret;
  std::string metadata_url;  // of a client ID metadata document
  base::Secret key;          // PEM, for private_key_jwt
};

// In this order (MCP authorization, "Client Registration Approaches").
enum class ClientWay : std::uint8_t { given, document, registration, none };
ClientWay choose_way(const ClientSettings& settings, const ServerMetadata& server);

// The client that the user has registered, or whose metadata document there is. The key itself
// stays with the settings: see auth/client_assertion.h.
ClientIdentity given_client(const ClientSettings& settings, const ServerMetadata& server);
ClientIdentity document_client(const ClientSettings& settings);

// The method a new client asks for: none where the server allows it or does not say, else the first
// of basic and post that it offers.
ClientAuth registered_auth(const ServerMetadata& server);

// The JSON body of a registration request: application_type native, refresh_token among the grant
// types, and with `device` that of RFC 8628. `scope` may be empty.
std::string registration_body(std::string_view redirect_uri, ClientAuth auth,
                              std::string_view scope, bool device = false);

// A reply with status 200 or 201. Errors: Kind::malformed, also for an id beyond 2 KiB or one that
// is not printable ASCII. The redirect URIs of the reply do not matter: what was asked is what is
// used. The authentication method is the reply's where we can do it, else `asked`; without a secret
// it is none, and with none no secret is kept.
base::Result<ClientIdentity> read_registration(std::string_view body, std::string_view redirect_uri,
                                               ClientAuth asked);
// What to tell the user of any other reply: fixed texts by status and by RFC 7591 error code, never
// the server's own.
std::string describe_registration_refusal(int status, std::string_view body);

}  // namespace dogpipe::auth
