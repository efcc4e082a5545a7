// Who we are to an authorization server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace dogpipe::auth {

// How a client authenticates at the token endpoint (RFC 6749 section 2.3, RFC 7523 section 2.2).
enum class ClientAuth : std::uint8_t { none, basic, post, private_key };

// "none", "client_secret_basic", "client_secret_post", "private_key_jwt".
std::string_view name_of(ClientAuth auth);
std::optional<ClientAuth> read_client_auth(std::string_view name);

struct ClientIdentity {
  // Whose word the id is: the user's, a metadata document's URL, or the server's (RFC 7591).
  enum class Source : std::uint8_t { given, document, registered };

  Source source = Source::given;
  std::string id;
  base::Secret secret;
  ClientAuth auth = ClientAuth::none;
  std::string redirect_uri;                       // that it was registered with; else empty
  std::optional<std::int64_t> secret_expires_at;  // seconds since 1970
};

}  // namespace dogpipe::auth
