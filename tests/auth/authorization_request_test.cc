#include "auth/authorization_request.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "crypto/random.h"
#include "known_random.h"

namespace dogpipe::auth {
namespace {

// RFC 7636 appendix B.
constexpr unsigned char kOctets[] = {116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                     125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                     191, 240, 91,  88,  5,   88,  83,  132, 141, 121};

AuthorizationRequest request() {
  AuthorizationRequest out;
  out.client_id = "id";
  out.redirect_uri = "http://localhost:4711/callback";
  out.state = "S-_";
  out.challenge = "C";
  return out;
}

std::string url(const char* endpoint, const AuthorizationRequest& request) {
  return authorization_url(*http::read_url(endpoint), request);
}

TEST_CASE("the example of RFC 7636 appendix B") {
  Known random(std::string(std::begin(kOctets), std::end(kOctets)));
  const auto pkce = make_pkce(random);
  REQUIRE(pkce);
  CHECK(pkce->verifier.reveal() == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  CHECK(pkce->challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("a state is 256 bits") {
  Known random(std::string(std::begin(kOctets), std::end(kOctets)));
  CHECK(*make_state(random) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  crypto::SystemRandom system;
  CHECK(*make_state(system) != *make_state(system));
}

TEST_CASE("without random numbers there is neither verifier nor state") {
  Failing random;
  CHECK(make_pkce(random).error().what == "none left");
  CHECK(make_state(random).error().what == "none left");
}

TEST_CASE("a server does S256 only if it says exactly that") {
  ServerMetadata server;
  CHECK_FALSE(does_s256(server));
  for (const auto& methods :
       std::vector<std::vector<std::string>>{{}, {"plain"}, {"s256"}, {"S256 "}, {"plain,S256"}}) {
    server.challenge_methods = methods;
    CHECK_FALSE(does_s256(server));
  }
  server.challenge_methods = std::vector<std::string>{"plain", "S256"};
  CHECK(does_s256(server));
}

TEST_CASE("what is not asked for is no parameter, not an empty one") {
  CHECK(url("https://app.datadoghq.com/oauth2/v1/authorize", request()) ==
        "https://app.datadoghq.com/oauth2/v1/authorize?response_type=code&client_id=id"
        "&redirect_uri=http%3A%2F%2Flocalhost%3A4711%2Fcallback&state=S-_"
        "&code_challenge=C&code_challenge_method=S256");
}

TEST_CASE("all parameters, percent-encoded") {
  AuthorizationRequest all = request();
  all.client_id = "https://c.test/d?x=1&y=2#f";
  all.scope = "mcp_read offline_access";
  all.resource = "https://mcp.datadoghq.com";
  all.organization = "o+o";
  CHECK(url("https://as.test/authorize", all) ==
        "https://as.test/authorize?response_type=code"
        "&client_id=https%3A%2F%2Fc.test%2Fd%3Fx%3D1%26y%3D2%23f"
        "&redirect_uri=http%3A%2F%2Flocalhost%3A4711%2Fcallback"
        "&scope=mcp_read%20offline_access&state=S-_&resource=https%3A%2F%2Fmcp.datadoghq.com"
        "&code_challenge=C&code_challenge_method=S256&dd_oid=o%2Bo");
}

TEST_CASE("the endpoint keeps its own parameters, but none of ours twice") {
  const std::string ours =
      "response_type=code&client_id=id&redirect_uri=http%3A%2F%2Flocalhost%3A4711%2Fcallback"
      "&state=S-_&code_challenge=C&code_challenge_method=S256";
  const struct {
    std::string own;
    std::string kept;
  } rows[] = {
      {"tenant=a%20b&v", "tenant=a%20b&v&"},
      {"client_id=theirs", ""},
      {"a=1&client_id=theirs&b=2", "a=1&b=2&"},
      {"client%5Fid=theirs&x=1", "x=1&"},
      {"state", ""},
      {"code_challenge_method=plain&redirect_uri=https://evil.test/&response_type=token", ""},
      {"state=1&state=2&&x", "x&"},
      {"Client_Id=theirs", "Client_Id=theirs&"},
      {"scope=theirs&dd_oid=theirs", "scope=theirs&dd_oid=theirs&"},
      {"%zz=1", "%zz=1&"},
      {"&", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.own);
    CHECK(url((std::string("https://as.test/a?") + row.own).c_str(), request()) ==
          "https://as.test/a?" + std::string(row.kept) + ours);
  }
}

}  // namespace
}  // namespace dogpipe::auth
