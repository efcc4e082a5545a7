#include "auth/token_request.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::auth {
namespace {

ClientIdentity client(ClientAuth auth) {
  ClientIdentity out;
  out.id = "an id:1";
  out.secret = base::Secret("s%+e");
  out.auth = auth;
  return out;
}

// As it goes over the wire.
std::string written(const FormRequest& request) {
  std::string out;
  for (const auto& [name, value] : request.fields) out += name + ": " + value + '\n';
  return out + '\n' + std::string(request.body.reveal());
}

constexpr const char* kPlainHead =
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n";
// The base64 of "an+id%3A1:s%25%2Be".
constexpr const char* kBasicHead =
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n"
    "Authorization: Basic YW4raWQlM0ExOnMlMjUlMkJl\n\n";

const base::Secret kAssertion("h.c.s");

TEST_CASE("a client without a secret names itself in the body") {
  const ClientIdentity open = client(ClientAuth::none);
  CHECK(written(code_request(open, base::Secret("C/1"), "http://localhost:1/callback",
                             base::Secret("V-_"), "https://mcp.datadoghq.com")) ==
        std::string(kPlainHead) +
            "grant_type=authorization_code&code=C%2F1"
            "&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcallback&code_verifier=V-_"
            "&resource=https%3A%2F%2Fmcp.datadoghq.com&client_id=an+id%3A1");
  CHECK(written(refresh_request(open, base::Secret("R+"), "https://h/mcp/")) ==
        std::string(kPlainHead) +
            "grant_type=refresh_token&refresh_token=R%2B&resource=https%3A%2F%2Fh%2Fmcp%2F"
            "&client_id=an+id%3A1");
}

TEST_CASE("basic authentication encodes both parts and leaves the body alone") {
  const ClientIdentity basic = client(ClientAuth::basic);
  CHECK(written(refresh_request(basic, base::Secret("R"), "r")) ==
        std::string(kBasicHead) + "grant_type=refresh_token&refresh_token=R&resource=r");
  CHECK(written(code_request(basic, base::Secret("C"), "u", base::Secret("V"), "r")) ==
        std::string(kBasicHead) +
            "grant_type=authorization_code&code=C&redirect_uri=u&code_verifier=V&resource=r");
}

TEST_CASE("a secret goes by the body where the server wants it there") {
  CHECK(written(refresh_request(client(ClientAuth::post), base::Secret("R"), "r")) ==
        std::string(kPlainHead) +
            "grant_type=refresh_token&refresh_token=R&resource=r&client_id=an+id%3A1"
            "&client_secret=s%25%2Be");
}

TEST_CASE("a client with a key sends its assertion and no secret") {
  CHECK(written(
            refresh_request(client(ClientAuth::private_key), base::Secret("R"), "r", kAssertion)) ==
        std::string(kPlainHead) +
            "grant_type=refresh_token&refresh_token=R&resource=r&client_id=an+id%3A1"
            "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-"
            "bearer&client_assertion=h.c.s");
}

TEST_CASE("an assertion that is of no use is not sent") {
  CHECK(written(refresh_request(client(ClientAuth::none), base::Secret("R"), "r", kAssertion)) ==
        written(refresh_request(client(ClientAuth::none), base::Secret("R"), "r")));
}

TEST_CASE("an empty resource, scope or hint is no parameter") {
  const ClientIdentity basic = client(ClientAuth::basic);
  const std::string head = kBasicHead;
  CHECK(written(refresh_request(basic, base::Secret("R"), "")) ==
        head + "grant_type=refresh_token&refresh_token=R");
  CHECK(written(code_request(basic, base::Secret("C"), "u", base::Secret("V"), "")) ==
        head + "grant_type=authorization_code&code=C&redirect_uri=u&code_verifier=V");
  CHECK(written(client_credentials_request(basic, "", "")) ==
        head + "grant_type=client_credentials");
  CHECK(written(device_request(basic, "", "")) == head);
  CHECK(written(revocation_request(basic, base::Secret("T"), "")) == head + "token=T");
}

TEST_CASE("client credentials") {
  CHECK(written(client_credentials_request(client(ClientAuth::basic), "a b", "https://h")) ==
        std::string(kBasicHead) +
            "grant_type=client_credentials&scope=a+b&resource=https%3A%2F%2Fh");
}

TEST_CASE("a device asks for a code, and with the code for tokens") {
  const ClientIdentity open = client(ClientAuth::none);
  CHECK(written(device_request(open, "a b", "r")) ==
        std::string(kPlainHead) + "scope=a+b&resource=r&client_id=an+id%3A1");
  CHECK(written(device_token_request(open, base::Secret("D&"), "r")) ==
        std::string(kPlainHead) +
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=D%26"
            "&resource=r&client_id=an+id%3A1");
}

TEST_CASE("revocation says which kind of token it is") {
  CHECK(written(revocation_request(client(ClientAuth::none), base::Secret("T"), "refresh_token")) ==
        std::string(kPlainHead) + "token=T&token_type_hint=refresh_token&client_id=an+id%3A1");
}

TEST_CASE("whatever the server has called us fits into a header field") {
  ClientIdentity odd = client(ClientAuth::basic);
  odd.id.clear();
  for (int byte = 0; byte < 256; ++byte) odd.id += static_cast<char>(byte);
  for (const auto& [name, value] : refresh_request(odd, base::Secret("R"), "").fields) {
    CHECK(http::valid_field(name, value));
  }
}

}  // namespace
}  // namespace dogpipe::auth
