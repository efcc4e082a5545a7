// What a protected resource and an authorization server publish about themselves (RFC 9728; RFC
// 8414 and OpenID Connect Discovery 1.0).
//
// Documents of up to 256 KiB are read, with texts of up to 4 KiB and lists of up to 256 entries.
// Null is as good as absent, what is not named here does not matter; but a member of the wrong
// type, or two with one name, spoil the document: what another reader would make of it is anybody's
// guess.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/reader.h"

namespace dogpipe::auth {

struct ResourceMetadata {
  std::string resource;                            // the identifier, byte for byte as published
  std::vector<std::string> authorization_servers;  // issuers; at least one
  std::optional<std::vector<std::string>> scopes;  // scopes_supported

  bool operator==(const ResourceMetadata&) const = default;
};

// Errors: Kind::malformed.
base::Result<ResourceMetadata> read_resource_metadata(std::string_view body);

// Endpoints are as published and unchecked: see auth/url_policy.h. What is not published is empty.
struct ServerMetadata {
  std::string issuer;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string registration_endpoint;
  std::string revocation_endpoint;
  std::string device_authorization_endpoint;
  std::optional<std::vector<std::string>> scopes;              // scopes_supported
  std::optional<std::vector<std::string>> challenge_methods;   // code_challenge_methods_supported
  std::optional<std::vector<std::string>> token_auth_methods;  // token_endpoint_auth_methods_...
  std::optional<std::vector<std::string>> grant_types;         // grant_types_supported
  bool client_id_metadata_documents = false;  // client_id_metadata_document_supported
  bool names_issuer_in_response = false;      // authorization_response_iss_parameter_supported

  bool operator==(const ServerMetadata&) const = default;
};

// Errors: Kind::malformed; issuer and token_endpoint must be there.
base::Result<ServerMetadata> read_server_metadata(std::string_view body);
base::Result<ServerMetadata> read_server_metadata(const json::Value& object);
// The same fields as a JSON object, for the token store: read_server_metadata() reads it back.
std::string write_server_metadata(const ServerMetadata& metadata);

}  // namespace dogpipe::auth
