#include "auth/discovery.h"

#include <cstddef>

namespace dogpipe::auth {
namespace {

constexpr const char* kResource = "/.well-known/oauth-protected-resource";
constexpr const char* kServer = "/.well-known/oauth-authorization-server";
constexpr const char* kOpenId = "/.well-known/openid-configuration";

// Without the slash at its end; empty for the root.
std::string_view bare_path(const http::Url& url) {
  std::string_view path = url.path;
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::vector<std::string> resource_metadata_urls(const http::Url& endpoint) {
  const std::string root = endpoint.origin() + kResource;
  const std::string_view path = bare_path(endpoint);
  if (path.empty()) return {root};
  return {root + std::string(path), root};
}

bool covers(std::string_view resource, const http::Url& endpoint) {
  const auto url = http::read_url(resource);
  if (!url || url->origin() != endpoint.origin()) return false;
  if (!url->query.empty() && url->query != endpoint.query) return false;
  const std::string_view prefix = bare_path(*url);
  const std::string_view path = endpoint.path;
  if (path.substr(0, prefix.size()) != prefix) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::vector<std::string> server_metadata_urls(std::string_view issuer) {
  const auto url = http::read_url(issuer);
  if (!url || issuer.find_first_of("?#") != std::string_view::npos) return {};
  const std::string origin = url->origin();
  const std::string path(bare_path(*url));
  if (path.empty()) return {origin + kServer, origin + kOpenId};
  return {origin + kServer + path, origin + kOpenId + path, origin + path + kOpenId,
          origin + kServer};
}

bool is_document_of(const ServerMetadata& document, std::string_view wanted) {
  return document.issuer == wanted;
}

std::string legacy_issuer(const http::Url& endpoint) { return endpoint.origin(); }

ServerMetadata legacy_endpoints(const http::Url& endpoint) {
  const std::string origin = endpoint.origin();
  ServerMetadata metadata;
  metadata.issuer = origin;
  metadata.authorization_endpoint = origin + "/authorize";
  metadata.token_endpoint = origin + "/token";
  metadata.registration_endpoint = origin + "/register";
  metadata.challenge_methods = {"S256"};
  return metadata;
}

}  // namespace dogpipe::auth
