// Where the parts of the sign-in are, and the documents that say so (RFC 9728, RFC 8414). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/oauth_quirks.h"

namespace dogpipe::sandbox {

// "http://127.0.0.1:8080". Without an app host of its own the two are the same.
struct Origins {
  std::string mcp;
  std::string app;
};

struct OAuthPaths {
  std::string authorize, consent, token, registration, revocation, device, verification;
};
OAuthPaths oauth_paths(OAuthPlace place);

// The origin that the paths are on.
const std::string& oauth_origin(const OAuthQuirks& quirks, const Origins& origins);
// As the metadata names them.
std::string issuer(const OAuthQuirks& quirks, const Origins& origins);
std::string resource(const OAuthQuirks& quirks, const Origins& origins);

// Whether a path is one where clients look for metadata, of this server or another.
bool is_discovery(std::string_view path);
// The document at `path` of the MCP host; none: 404.
std::optional<std::string> metadata_at(std::string_view path, const OAuthQuirks& quirks,
                                       const Origins& origins);

}  // namespace dogpipe::sandbox
