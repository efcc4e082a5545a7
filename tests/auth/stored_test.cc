#include "auth/stored.h"

#include <doctest/doctest.h>

#include <string>

#include "auth/token_store.h"

namespace dogpipe::auth {
namespace {

using base::Kind;
using base::Secret;

Grant full_grant() {
  Grant grant;
  grant.profile = "default";
  grant.endpoint = "https://mcp.example/v1";
  grant.server.issuer = "https://as.example";
  grant.server.token_endpoint = "https://as.example/token";
  grant.client = {ClientIdentity::Source::registered, "id", Secret("cs"), ClientAuth::basic,
                  "http://localhost:1/callback",      77};
  grant.resource = "https://mcp.example/v1?x=1";
  grant.requested_scope = "a";
  grant.granted_scope = "b";
  grant.access_token = Secret("at");
  grant.refresh_token = Secret("rt");
  grant.issued_at = 1;
  grant.expires_at = 0;
  grant.signed_in_at = 3;
  grant.refreshed_at = 4;
  grant.generation = 5;
  grant.user = "u@example";
  grant.organization = "uuid";
  grant.organization_name = "Name \xc3\xa9";
  grant.site = "datadoghq.eu";
  return grant;
}

constexpr std::string_view kFullText = R"({
  "version": 1,
  "grants": [
    {
      "profile": "default",
      "endpoint": "https://mcp.example/v1",
      "server": {"issuer":"https://as.example","token_endpoint":"https://as.example/token"},
      "client_source": "registered",
      "client_id": "id",
      "client_secret": "cs",
      "client_auth": "client_secret_basic",
      "redirect_uri": "http://localhost:1/callback",
      "client_secret_expires_at": 77,
      "resource": "https://mcp.example/v1?x=1",
      "requested_scope": "a",
      "granted_scope": "b",
      "access_token": "at",
      "refresh_token": "rt",
      "issued_at": 1,
      "expires_at": 0,
      "signed_in_at": 3,
      "refreshed_at": 4,
      "generation": 5,
      "user": "u@example",
      "organization": "uuid",
      "organization_name": "Name )"
                                       "\xc3\xa9"
                                       R"(",
      "site": "datadoghq.eu"
    }
  ],
  "registrations": [
    {
      "issuer": "https://as.example",
      "client_source": "document",
      "client_id": "https://c.example/id",
      "client_auth": "none"
    }
  ]
}
)";

Stored full() {
  Stored stored;
  stored.put(full_grant());
  Registration registration;
  registration.issuer = "https://as.example";
  registration.client.source = ClientIdentity::Source::document;
  registration.client.id = "https://c.example/id";
  stored.put(registration);
  return stored;
}

std::string text_of(const Stored& stored) {
  const auto text = write_stored(stored);
  REQUIRE(text);
  return std::string(text->reveal());
}

std::string rewritten(std::string_view text) {
  const auto stored = read_stored(text);
  if (!stored) return stored.error().what;
  return text_of(*stored);
}

Kind kind_of(std::string_view text) {
  const auto stored = read_stored(text);
  REQUIRE_FALSE(stored);
  return stored.error().kind;
}

std::string grants(std::string_view members) {
  return R"({"version":1,"grants":[{"endpoint":"https://e",)" + std::string(members) +
         R"(}],"registrations":[]})";
}

TEST_CASE("everything is written under its name, and what is empty is left out") {
  CHECK(text_of(full()) == kFullText);
}

TEST_CASE("what was written is read back the same") { CHECK(rewritten(kFullText) == kFullText); }

TEST_CASE("every field is read from where it was written") {
  const auto stored = read_stored(kFullText);
  REQUIRE(stored);
  REQUIRE(stored->grants.size() == 1);
  const Grant& grant = stored->grants[0];
  CHECK(grant.profile == "default");
  CHECK(grant.server.token_endpoint == "https://as.example/token");
  CHECK(grant.client.source == ClientIdentity::Source::registered);
  CHECK(grant.client.secret.reveal() == "cs");
  CHECK(grant.client.auth == ClientAuth::basic);
  CHECK(grant.client.secret_expires_at == 77);
  CHECK(grant.access_token.reveal() == "at");
  CHECK(grant.refresh_token.reveal() == "rt");
  CHECK(grant.expires_at == 0);
  CHECK(grant.generation == 5);
  REQUIRE(stored->registrations.size() == 1);
  CHECK(stored->registrations[0].client.source == ClientIdentity::Source::document);
}

TEST_CASE("members that nobody knows yet are kept on every level") {
  const std::string text = R"({
  "version": 1,
  "grants": [
    {
      "profile": "p",
      "endpoint": "https://e",
      "server": {
        "issuer": "i"
      },
      "client_source": "given",
      "client_auth": "none",
      "dpop_key": {"kty":"EC","n":[1.50,null]}
    }
  ],
  "registrations": [
    {
      "issuer": "i",
      "client_source": "given",
      "client_auth": "none",
      "registration_access_token": "t"
    }
  ],
  "later": [1e300,{}],
  "more": null
}
)";
  CHECK(rewritten(text) == text);
}

TEST_CASE("an empty store is an object with two empty lists") {
  CHECK(text_of(Stored()) ==
        "{\n  \"version\": 1,\n  \"grants\": [],\n  \"registrations\": []\n}\n");
}

TEST_CASE("a byte order mark does no harm") {
  CHECK(rewritten("\xef\xbb\xbf" + std::string(kFullText)) == kFullText);
}

TEST_CASE("null counts as absent, and absent lists as empty") {
  CHECK(rewritten(R"({"version":1})") == text_of(Stored()));
  CHECK(rewritten(grants(R"("user":null,"expires_at":null,"client_source":null,"profile":"")")) ==
        rewritten(grants(R"("profile":"")")));
}

TEST_CASE("what is cut off anywhere makes no sense") {
  for (std::size_t size = 0; size + 2 < kFullText.size(); ++size) {
    CAPTURE(size);
    CHECK(kind_of(kFullText.substr(0, size)) == Kind::malformed);
  }
  CHECK(read_stored(kFullText.substr(0, kFullText.size() - 1)));  // but for the last line end
}

TEST_CASE("what is no token file makes no sense") {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const std::string& text :
       std::initializer_list<std::string>{"null",
                                          "[]",
                                          "7",
                                          "\"x\"",
                                          "{}",
                                          R"({"version":"1"})",
                                          R"({"version":0})",
                                          R"({"version":-1})",
                                          R"({"version":1,"version":1})",
                                          R"({"version":1.0,"grants":[],"registrations":[]})",
                                          R"({"version":1,"grants":{},"registrations":[]})",
                                          R"({"version":1,"grants":[],"registrations":7})",
                                          R"({"version":1,"grants":[7],"registrations":[]})",
                                          R"({"version":1,"grants":[{}],"registrations":[]})",
                                          R"({"version":1,"grants":[],"registrations":["x"]})",
                                          grants(R"("profile":7)"),
                                          grants(R"("access_token":7)"),
                                          grants(R"("generation":-1)"),
                                          grants(R"("generation":1.5)"),
                                          grants(R"("expires_at":"1")"),
                                          grants(R"("issued_at":9223372036854775808)"),
                                          grants(R"("client_auth":"x")"),
                                          grants(R"("client_source":"x")"),
                                          grants(R"("server":7)"),
                                          grants(R"("server":{"token_endpoint":7})"),
                                          std::string("\0\0\0\0", 4),
                                          std::string("\xff\xfe{\0}\0", 6),
                                          std::string("{\"version\":1,\"\xff\":1}")}) {
    CAPTURE(text);
    CHECK(kind_of(text) == Kind::malformed);
  }
  CHECK(kind_of(R"({"version":1,"x":)" + deep + "}") == Kind::too_large);
  CHECK(kind_of(std::string(kStoredLimitBytes + 1, ' ')) == Kind::too_large);
}

TEST_CASE("the file of a newer program is not ours to touch, whatever is in it") {
  for (const std::string text : {R"({"version":2})", R"({"version":2,"grants":7})",
                                 R"({"access_token":7,"version":9223372036854775807})"}) {
    CAPTURE(text);
    CHECK(kind_of(text) == Kind::file);
  }
  const auto stored = read_stored(R"({"version":2})");
  CHECK(stored.error().what ==
        "written by a newer dogpipe (format 2, 1 is known here): update dogpipe, or move the file "
        "away and sign in again");
}

TEST_CASE("an error says where, and nothing of what stands there") {
  const auto stored = read_stored(grants(R"("access_token":{"s3cret":1})"));
  REQUIRE_FALSE(stored);
  CHECK(stored.error().what == "$.grants[0].access_token: not a string");
}

TEST_CASE("more than the file may hold is not written") {
  Stored stored;
  Grant grant = full_grant();
  grant.access_token = Secret(std::string(kStoredLimitBytes, 'x'));
  stored.put(grant);
  const auto text = write_stored(stored);
  REQUIRE_FALSE(text);
  CHECK(text.error().kind == Kind::file);
}

TEST_CASE("what could not be read back is not written") {
  const auto refused = [](auto spoil) {
    Stored stored = full();
    spoil(stored.grants[0]);
    const auto text = write_stored(stored);
    return !text && text.error().kind == Kind::file;
  };
  CHECK_FALSE(refused([](Grant&) {}));
  CHECK(refused([](Grant& grant) { grant.endpoint.clear(); }));
  CHECK(refused([](Grant& grant) { grant.server.issuer.clear(); }));
  CHECK(refused([](Grant& grant) { grant.unknown = {{"user", Secret("1")}}; }));
  CHECK(refused([](Grant& grant) { grant.unknown = {{"later", Secret("}")}}; }));
}

TEST_CASE("of the grants for a profile and endpoint the latest sign-in is found") {
  Stored stored;
  for (const auto& [issuer, at] : {std::pair("a", 5), {"b", 9}, {"c", 7}}) {
    Grant grant = full_grant();
    grant.server.issuer = issuer;
    grant.signed_in_at = at;
    stored.put(grant);
  }
  REQUIRE(stored.find("default", "https://mcp.example/v1") != nullptr);
  CHECK(stored.find("default", "https://mcp.example/v1")->server.issuer == "b");
  CHECK(stored.find("other", "https://mcp.example/v1") == nullptr);
  CHECK(stored.find("default", "https://mcp.example/v1/") == nullptr);
  CHECK(stored.find("default", "") == nullptr);
}

TEST_CASE("a grant takes the place of the one with its profile, endpoint, issuer and client") {
  const auto size_after = [](auto vary) {
    Stored stored;
    stored.put(full_grant());
    Grant second = full_grant();
    second.access_token = Secret("new");
    vary(second);
    stored.put(second);
    CHECK(stored.grants.back().access_token.reveal() == "new");
    return stored.grants.size();
  };
  CHECK(size_after([](Grant&) {}) == 1);
  CHECK(size_after([](Grant& grant) { grant.user = "x"; }) == 1);
  CHECK(size_after([](Grant& grant) { grant.profile = "x"; }) == 2);
  CHECK(size_after([](Grant& grant) { grant.endpoint = "x"; }) == 2);
  CHECK(size_after([](Grant& grant) { grant.server.issuer = "x"; }) == 2);
  CHECK(size_after([](Grant& grant) { grant.client.id = "x"; }) == 2);
}

TEST_CASE("a registration takes the place of the one with its issuer and redirect URI") {
  Stored stored;
  for (const auto& [issuer, uri, id] :
       {std::tuple("a", "u", "1"), {"a", "v", "2"}, {"b", "u", "3"}, {"a", "u", "4"}}) {
    Registration registration;
    registration.issuer = issuer;
    registration.client.redirect_uri = uri;
    registration.client.id = id;
    stored.put(registration);
  }
  REQUIRE(stored.registrations.size() == 3);
  CHECK(stored.registrations[0].client.id == "4");
}

}  // namespace
}  // namespace dogpipe::auth
