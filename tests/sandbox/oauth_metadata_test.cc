#include "sandbox/oauth_metadata.h"

#include <doctest/doctest.h>

namespace dogpipe::sandbox {
namespace {

const Origins kOrigins{"http://mcp", "http://app"};
constexpr std::string_view kResource = "/.well-known/oauth-protected-resource";
constexpr std::string_view kServer = "/.well-known/oauth-authorization-server";

std::string at(std::string_view base, std::string_view rest, const OAuthQuirks& quirks = {}) {
  return metadata_at(std::string(base) + std::string(rest), quirks, kOrigins).value_or("404");
}

TEST_CASE("the documents are Datadog's, with two origins") {
  const char* resource =
      R"({"resource":"http://mcp","authorization_servers":["http://mcp/v1/mcp"]})";
  CHECK(at(kResource, "") == resource);
  CHECK(at(kResource, "/v1/mcp") == resource);
  CHECK(at(kResource, "/api/unstable/mcp-server/mcp") == resource);
  const char* server = R"({"issuer":"http://mcp/v1/mcp",)"
                       R"("authorization_endpoint":"http://app/oauth2/v1/authorize",)"
                       R"("token_endpoint":"http://app/api/v2/oauth2/token",)"
                       R"("registration_endpoint":"http://app/api/v2/oauth2/register",)"
                       R"("scopes_supported":["mcp_all"],)"
                       R"("code_challenge_methods_supported":["S256"],"pkce_required":true,)"
                       R"("token_endpoint_auth_methods_supported":["none"]})";
  CHECK(at(kServer, "") == server);
  CHECK(at(kServer, "/v1/mcp") == server);
}

TEST_CASE("nothing is where nothing should be") {
  CHECK(at(kResource, "/mcp") == "404");
  CHECK(at(kResource, "/") == "404");
  CHECK(at(kServer, "/api/unstable/mcp-server/mcp") == "404");
  CHECK(at("/.well-known/openid-configuration", "") == "404");
  CHECK(at("/v1/mcp/.well-known/openid-configuration", "") == "404");
  CHECK(is_discovery("/v1/mcp/.well-known/openid-configuration"));
  CHECK_FALSE(is_discovery("/token"));
}

TEST_CASE("the places of the server's metadata can be chosen") {
  const auto found = [](const char* where) {
    OAuthQuirks quirks;
    quirks.as_metadata = where;
    return std::pair(at(kServer, "", quirks) != "404", at(kServer, "/v1/mcp", quirks) != "404");
  };
  CHECK(found("both") == std::pair(true, true));
  CHECK(found("root") == std::pair(true, false));
  CHECK(found("path") == std::pair(false, true));
  CHECK(found("none") == std::pair(false, false));
}

TEST_CASE("every member can be another, or missing") {
  OAuthQuirks quirks;
  quirks.prm_resource = "https://evil/mcp";
  quirks.prm_scopes = "a b";
  quirks.prm_fields = {{"authorization_servers", "[]"}, {"x", "1"}};
  CHECK(at(kResource, "", quirks) == R"({"resource":"https://evil/mcp","authorization_servers":[],)"
                                     R"("scopes_supported":["a","b"],"x":1})");
  quirks.issuer = "http://other";
  quirks.as_fields = {{"authorization_endpoint", ""}, {"token_endpoint", ""},
                      {"registration_endpoint", ""},  {"scopes_supported", ""},
                      {"pkce_required", ""},          {"code_challenge_methods_supported", ""}};
  CHECK(at(kServer, "", quirks) ==
        R"({"issuer":"http://other","token_endpoint_auth_methods_supported":["none"]})");
  quirks.no_prm = true;
  CHECK(at(kResource, "", quirks) == "404");
}

TEST_CASE("what a switch adds is announced") {
  OAuthQuirks quirks;
  CHECK(at(kServer, "", quirks).find("revocation") == std::string::npos);
  quirks.revocation = quirks.device = quirks.iss = true;
  const std::string document = at(kServer, "", quirks);
  for (const char* part : {R"("revocation_endpoint":"http://app/api/v2/oauth2/revoke")",
                           R"("device_authorization_endpoint":"http://app/api/v2/oauth2/device")",
                           R"("urn:ietf:params:oauth:grant-type:device_code")",
                           R"("authorization_response_iss_parameter_supported":true)"}) {
    CAPTURE(part);
    CHECK(document.find(part) != std::string::npos);
  }
}

TEST_CASE("the era before had everything on one origin") {
  OAuthQuirks quirks;
  quirks.place = OAuthPlace::legacy;
  CHECK(at(kResource, "", quirks) ==
        R"({"resource":"http://mcp","authorization_servers":["http://mcp"]})");
  CHECK(at(kServer, "", quirks) ==
        R"({"issuer":"http://mcp",)"
        R"("authorization_endpoint":"http://mcp/api/unstable/mcp-server/authorize",)"
        R"("token_endpoint":"http://mcp/api/unstable/mcp-server/token",)"
        R"("registration_endpoint":"http://mcp/api/unstable/mcp-server/register",)"
        R"("scopes_supported":[],"code_challenge_methods_supported":["S256"],)"
        R"("token_endpoint_auth_methods_supported":["client_secret_basic"]})");
  CHECK(at(kServer, "/v1/mcp", quirks) == "404");
  quirks.place = OAuthPlace::same_origin;
  CHECK(at(kServer, "", quirks).find("http://mcp/api/v2/oauth2/token") != std::string::npos);
  quirks.place = OAuthPlace::root;
  CHECK(at(kServer, "", quirks).find("http://mcp/token") != std::string::npos);
}

}  // namespace
}  // namespace dogpipe::sandbox
