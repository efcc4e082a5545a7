// The token file of the older Python client, which kept a single sign-in in the same place.
#pragma once

#include "auth/token_store.h"
#include "base/result.h"
#include "json/reader.h"

namespace dogpipe::auth {

bool is_older_client(const json::Value& root);

// Its tokens as a grant of the profile "default"; no grant if it has no token, or does not say for
// which server. A client secret went in the body there, so ClientAuth::post. The redirect URI is
// unknown.
//
// The server's metadata is taken over only if it is that of the issuer asked (RFC 8414 section 3.3,
// which that client did not check), and if it was published: what the client had made up for want
// of any is not where a refresh token goes. Else the issuer's name is all.
//
// Errors: Kind::malformed for members of another type.
base::Result<Stored> read_older_client(const json::Value& root);

}  // namespace dogpipe::auth
