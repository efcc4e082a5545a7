#include "auth/older_client.h"

#include <doctest/doctest.h>

#include <string>

#include "auth/stored.h"

namespace dogpipe::auth {
namespace {

constexpr std::string_view kPublished =
    R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",
        "token_endpoint":"https://as.example/token",
        "registration_endpoint":"https://as.example/register",
        "code_challenge_methods_supported":["S256"]})";
// As that client puts it together for want of a document.
constexpr std::string_view kMadeUp =
    R"({"authorization_endpoint":"https://as.example/authorize",
        "token_endpoint":"https://as.example/token","issuer":"https://as.example",
        "response_types_supported":["code"],
        "grant_types_supported":["authorization_code","refresh_token"],
        "code_challenge_methods_supported":["S256"]})";

std::string file(std::string_view metadata, std::string_view issuer = "https://as.example",
                 std::string_view secret = "\"cs\"") {
  return R"({
  "access_token": "at",
  "refresh_token": "rt",
  "token_expires_at": 1755100000.75,
  "resource_uri": "https://mcp.example/api/mcp?toolsets=all",
  "client_id": "cid",
  "client_secret": )" +
         std::string(secret) + R"(,
  "auth_server_metadata": )" +
         std::string(metadata) + R"(,
  "selected_auth_server": ")" +
         std::string(issuer) + R"(",
  "cached_at": 1755096400.25
})";
}

Grant grant_of(const std::string& text) {
  const auto stored = read_stored(text);
  REQUIRE(stored);
  REQUIRE(stored->grants.size() == 1);
  CHECK(stored->registrations.empty());
  return stored->grants[0];
}

TEST_CASE("the older client's sign-in becomes a grant of the default profile") {
  const Grant grant = grant_of(file(kPublished));
  CHECK(grant.profile == "default");
  CHECK(grant.endpoint == "https://mcp.example/api/mcp");
  CHECK(grant.resource == "https://mcp.example/api/mcp?toolsets=all");
  CHECK(grant.server.issuer == "https://as.example");
  CHECK(grant.server.token_endpoint == "https://as.example/token");
  CHECK(grant.client.id == "cid");
  CHECK(grant.client.secret.reveal() == "cs");
  CHECK(grant.client.auth == ClientAuth::post);
  CHECK(grant.client.source == ClientIdentity::Source::registered);
  CHECK(grant.client.redirect_uri.empty());
  CHECK(grant.access_token.reveal() == "at");
  CHECK(grant.refresh_token.reveal() == "rt");
  CHECK(grant.expires_at == 1755100000);
  CHECK(grant.issued_at == 1755096400);
  CHECK(grant.signed_in_at == 1755096400);
  CHECK(grant.refreshed_at == 0);
}

TEST_CASE("without a secret its client is a public one") {
  CHECK(grant_of(file(kPublished, "https://as.example", "null")).client.auth == ClientAuth::none);
}

TEST_CASE("endpoints that were made up, or are of another issuer, are not taken over") {
  for (const std::string& text :
       {file(kMadeUp), file("null"), file("{}"), file("[]"),
        file(R"({"issuer":"https://as.example","registration_endpoint":"https://as.example/r"})"),
        file(R"({"issuer":"https://evil.example","token_endpoint":"https://evil.example/t",
                 "registration_endpoint":"https://evil.example/r"})")}) {
    CAPTURE(text);
    const Grant grant = grant_of(text);
    CHECK(grant.server.issuer == "https://as.example");
    CHECK(grant.server.token_endpoint.empty());
    CHECK(grant.server.registration_endpoint.empty());
    CHECK(grant.client.source == ClientIdentity::Source::given);
    CHECK(grant.refresh_token.reveal() == "rt");
  }
}

TEST_CASE("times that are none are unknown") {
  for (const std::string time : {"null", "\"x\"", "-1", "1e300", "{}"}) {
    CAPTURE(time);
    const Grant grant = grant_of(R"({"access_token":"at","resource_uri":"https://e","cached_at":)" +
                                 time + R"(,"token_expires_at":)" + time + "}");
    CHECK_FALSE(grant.expires_at);
    CHECK(grant.issued_at == 0);
  }
}

TEST_CASE("without a token or a server there is no grant") {
  for (const std::string text : {R"({"access_token":null,"resource_uri":"https://e"})",
                                 R"({"access_token":"","refresh_token":"","resource_uri":"e"})",
                                 R"({"access_token":"at","resource_uri":null})",
                                 R"({"access_token":"at","resource_uri":"?x"})"}) {
    CAPTURE(text);
    const auto stored = read_stored(text);
    REQUIRE(stored);
    CHECK(stored->grants.empty());
  }
}

TEST_CASE("members of another type make no sense") {
  for (const std::string text : {R"({"access_token":7,"resource_uri":"https://e"})",
                                 R"({"access_token":"at","resource_uri":7})",
                                 R"({"access_token":"at","resource_uri":"e","client_id":[]})",
                                 R"({"access_token":"at","resource_uri":"e","client_secret":1})",
                                 R"({"access_token":"at","resource_uri":"e","refresh_token":{}})",
                                 R"({"access_token":"at","resource_uri":"e",
                                     "selected_auth_server":true})",
                                 R"({"access_token":"at"})", R"({"resource_uri":"e"})"}) {
    CAPTURE(text);
    const auto stored = read_stored(text);
    REQUIRE_FALSE(stored);
    CHECK(stored.error().kind == base::Kind::malformed);
  }
}

TEST_CASE("once written it is a file of ours, with nothing lost") {
  const auto stored = read_stored(file(kMadeUp));
  REQUIRE(stored);
  const auto text = write_stored(*stored);
  REQUIRE(text);
  const auto again = read_stored(text->reveal());
  REQUIRE(again);
  CHECK(write_stored(*again)->reveal() == text->reveal());
  CHECK(text->reveal().substr(0, 17) == "{\n  \"version\": 1,");
  CHECK(again->grants[0].server.issuer == "https://as.example");
}

}  // namespace
}  // namespace dogpipe::auth
