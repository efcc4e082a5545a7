#include "sandbox/oauth_metadata.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "json/writer.h"
#include "sandbox/form.h"
#include "sandbox/gate.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kResource = "/.well-known/oauth-protected-resource";
constexpr std::string_view kServer = "/.well-known/oauth-authorization-server";

// A document as names and JSON, so that switches can change any of it.
class Fields {
 public:
  Fields& text(std::string_view name, std::string_view value) {
    return json(name, json::quoted(value));
  }
  Fields& texts(std::string_view name, const std::vector<std::string>& values) {
    json::Writer out;
    out.begin_array();
    for (const std::string& value : values) out.value(value);
    return json(name, out.end_array().take());
  }
  Fields& json(std::string_view name, std::string_view value) {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const auto& f) { return f.first == name; });
    if (found == fields_.end()) {
      fields_.emplace_back(name, value);
    } else {
      found->second = value;
    }
    return *this;
  }
  Fields& all(const std::vector<OAuthQuirks::Field>& changes) {
    for (const auto& [name, value] : changes) json(name, value);
    return *this;
  }
  std::string document() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [name, value] : fields_) {
      if (!value.empty()) out.raw_member(name, value);
    }
    return out.end_object().take();
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool has_path(const OAuthQuirks& quirks) {
  return quirks.place == OAuthPlace::app || quirks.place == OAuthPlace::same_origin;
}

// The issuer that the resource names, whatever the issuer then calls itself.
std::string named_issuer(const OAuthQuirks& quirks, const Origins& origins) {
  return has_path(quirks) ? origins.mcp + "/v1/mcp" : origins.mcp;
}

std::string resource_document(const OAuthQuirks& quirks, const Origins& origins) {
  Fields fields;
  fields.text("resource", resource(quirks, origins));
  fields.texts("authorization_servers", {named_issuer(quirks, origins)});
  if (!quirks.prm_scopes.empty()) fields.texts("scopes_supported", words(quirks.prm_scopes));
  return fields.all(quirks.prm_fields).document();
}

std::string server_document(const OAuthQuirks& quirks, const Origins& origins) {
  const bool legacy = quirks.place == OAuthPlace::legacy;
  const std::string& origin = oauth_origin(quirks, origins);
  const OAuthPaths paths = oauth_paths(quirks.place);
  Fields fields;
  fields.text("issuer", issuer(quirks, origins));
  fields.text("authorization_endpoint", origin + paths.authorize);
  fields.text("token_endpoint", origin + paths.token);
  fields.text("registration_endpoint", origin + paths.registration);
  fields.texts("scopes_supported",
               legacy ? std::vector<std::string>() : std::vector<std::string>{"mcp_all"});
  fields.texts("code_challenge_methods_supported", {"S256"});
  if (!legacy) fields.json("pkce_required", "true");
  fields.texts("token_endpoint_auth_methods_supported", {legacy ? "client_secret_basic" : "none"});
  if (quirks.revocation) fields.text("revocation_endpoint", origin + paths.revocation);
  if (quirks.device) {
    fields.text("device_authorization_endpoint", origin + paths.device);
    fields.texts("grant_types_supported", {"authorization_code", "refresh_token",
                                           "urn:ietf:params:oauth:grant-type:device_code"});
  }
  if (quirks.iss || quirks.wrong_iss) {
    fields.json("authorization_response_iss_parameter_supported", "true");
  }
  return fields.all(quirks.as_fields).document();
}

bool is_resource_place(std::string_view path) {
  if (path.substr(0, kResource.size()) != kResource) return false;
  path.remove_prefix(kResource.size());
  return path.empty() || is_endpoint(path);
}

bool is_server_place(std::string_view path, const OAuthQuirks& quirks) {
  const std::string& where = quirks.as_metadata;
  if (path == kServer) return where == "root" || where == "both";
  return has_path(quirks) && path == std::string(kServer) + "/v1/mcp" &&
         (where == "path" || where == "both");
}

}  // namespace

OAuthPaths oauth_paths(OAuthPlace place) {
  if (place == OAuthPlace::app || place == OAuthPlace::same_origin) {
    return {"/oauth2/v1/authorize",    "/oauth2/v1/consent",    "/api/v2/oauth2/token",
            "/api/v2/oauth2/register", "/api/v2/oauth2/revoke", "/api/v2/oauth2/device",
            "/oauth2/v1/device"};
  }
  const std::string base = place == OAuthPlace::legacy ? "/api/unstable/mcp-server" : "";
  return {base + "/authorize", base + "/consent", base + "/token", base + "/register",
          base + "/revoke",    base + "/device",  base + "/verify"};
}

const std::string& oauth_origin(const OAuthQuirks& quirks, const Origins& origins) {
  return quirks.place == OAuthPlace::app ? origins.app : origins.mcp;
}

std::string issuer(const OAuthQuirks& quirks, const Origins& origins) {
  return quirks.issuer.empty() ? named_issuer(quirks, origins) : quirks.issuer;
}

std::string resource(const OAuthQuirks& quirks, const Origins& origins) {
  return quirks.prm_resource.empty() ? origins.mcp : quirks.prm_resource;
}

bool is_discovery(std::string_view path) {
  return path.find("/.well-known/") != std::string_view::npos;
}

std::optional<std::string> metadata_at(std::string_view path, const OAuthQuirks& quirks,
                                       const Origins& origins) {
  if (is_resource_place(path) && !quirks.no_prm) return resource_document(quirks, origins);
  if (is_server_place(path, quirks)) return server_document(quirks, origins);
  return std::nullopt;
}

}  // namespace dogpipe::sandbox
