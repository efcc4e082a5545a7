#include "auth/older_client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::auth {
namespace {

using base::Result;
using json::Value;

constexpr std::string_view kProfile = "default";
// Of the document that the client made up, no others.
constexpr std::array<std::string_view, 6> kMadeUp = {
    "authorization_endpoint",   "token_endpoint",        "issuer",
    "response_types_supported", "grant_types_supported", "code_challenge_methods_supported"};

bool is_absent(const Value& value) { return !value.exists() || value.type() == json::Type::null; }

Result<std::string> text(const Value& value) {
  if (is_absent(value)) return std::string();
  return value.as_string();
}

Result<base::Secret> secret(const Value& value) {
  if (is_absent(value)) return base::Secret();
  return value.as_secret();
}

// Seconds since 1970 with a fraction, as Python's time.time() gives them.
std::optional<std::int64_t> seconds(const Value& value) {
  constexpr double kLast = 253402300799;  // the end of the year 9999
  const double number = value.number_or(-1);
  if (!(number >= 0 && number <= kLast)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_made_up(const Value& metadata) {
  for (const Value member : metadata) {
    if (std::find(kMadeUp.begin(), kMadeUp.end(), member.name()) == kMadeUp.end()) return false;
  }
  return true;
}

ServerMetadata server(const Value& metadata, const std::string& issuer) {
  ServerMetadata name_alone;
  name_alone.issuer = issuer;
  if (!metadata.is_object() || is_made_up(metadata)) return name_alone;
  auto published = read_server_metadata(metadata);
  return published && published->issuer == issuer ? std::move(*published) : name_alone;
}

Result<ClientIdentity> client(const Value& root, const ServerMetadata& server) {
  ClientIdentity client;
  auto id = text(root["client_id"]);
  if (!id) return id.error();
  auto client_secret = secret(root["client_secret"]);
  if (!client_secret) return client_secret.error();
  client.id = std::move(*id);
  client.secret = std::move(*client_secret);
  client.auth = client.secret.empty() ? ClientAuth::none : ClientAuth::post;
  // It registered wherever it could.
  client.source = server.registration_endpoint.empty() ? ClientIdentity::Source::given
                                                       : ClientIdentity::Source::registered;
  return client;
}

Result<void> read_tokens(const Value& root, Grant& grant) {
  auto access = secret(root["access_token"]);
  if (!access) return access.error();
  auto refresh = secret(root["refresh_token"]);
  if (!refresh) return refresh.error();
  grant.access_token = std::move(*access);
  grant.refresh_token = std::move(*refresh);
  grant.expires_at = seconds(root["token_expires_at"]);
  grant.issued_at = grant.signed_in_at = seconds(root["cached_at"]).value_or(0);
  return {};
}

Result<void> read_server(const Value& root, Grant& grant) {
  auto resource = text(root["resource_uri"]);
  if (!resource) return resource.error();
  auto issuer = text(root["selected_auth_server"]);
  if (!issuer) return issuer.error();
  grant.endpoint = resource->substr(0, resource->find_first_of("?#"));
  grant.resource = std::move(*resource);
  grant.server = server(root["auth_server_metadata"], *issuer);
  auto identity = client(root, grant.server);
  if (!identity) return identity.error();
  grant.client = std::move(*identity);
  return {};
}

}  // namespace

bool is_older_client(const Value& root) {
  return root.is_object() && !root["version"].exists() && root["access_token"].exists() &&
         root["resource_uri"].exists();
}

Result<Stored> read_older_client(const Value& root) {
  Grant grant;
  grant.profile = kProfile;
  if (auto tokens = read_tokens(root, grant); !tokens) return tokens.error();
  if (auto server = read_server(root, grant); !server) return server.error();
  Stored stored;
  const bool of_use = !grant.access_token.empty() || !grant.refresh_token.empty();
  if (of_use && !grant.endpoint.empty()) stored.grants.push_back(std::move(grant));
  return stored;
}

}  // namespace dogpipe::auth
