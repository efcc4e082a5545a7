#include "auth/client_identity.h"

namespace dogpipe::auth {

std::string_view name_of(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::none:
      return "none";
    case ClientAuth::basic:
      return "client_secret_basic";
    case ClientAuth::post:
      return "client_secret_post";
    case ClientAuth::private_key:
      return "private_key_jwt";
  }
  return {};
}

std::optional<ClientAuth> read_client_auth(std::string_view name) {
  for (const ClientAuth auth :
       {ClientAuth::none, ClientAuth::basic, ClientAuth::post, ClientAuth::private_key}) {
    if (name == name_of(auth)) return auth;
  }
  return std::nullopt;
}

}  // namespace dogpipe::auth
