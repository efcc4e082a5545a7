#include "auth/metadata.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "json/writer.h"

namespace dogpipe::auth {
namespace {

TEST_CASE("a resource's metadata") {
  const auto metadata = read_resource_metadata(R"({
    "resource": "https://mcp.datadoghq.com",
    "authorization_servers": ["https://mcp.datadoghq.com/v1/mcp", "https://other/"],
    "scopes_supported": ["a", "b"], "bearer_methods_supported": ["header"], "x": {"resource": 1}
  })");
  REQUIRE(metadata);
  ResourceMetadata expected;
  expected.resource = "https://mcp.datadoghq.com";
  expected.authorization_servers = {"https://mcp.datadoghq.com/v1/mcp", "https://other/"};
  expected.scopes = {"a", "b"};
  CHECK(*metadata == expected);
}

TEST_CASE("a server's metadata, as Datadog's server publishes it") {
  const auto metadata = read_server_metadata(R"({
    "issuer":"https://mcp.datadoghq.com/v1/mcp",
    "authorization_endpoint":"https://app.datadoghq.com/oauth2/v1/authorize",
    "token_endpoint":"https://app.datadoghq.com/api/v2/oauth2/token",
    "registration_endpoint":"https://app.datadoghq.com/api/v2/oauth2/register",
    "scopes_supported":["mcp_all"],"code_challenge_methods_supported":["S256"],
    "pkce_required":true,"token_endpoint_auth_methods_supported":["none"]})");
  REQUIRE(metadata);
  ServerMetadata expected;
  expected.issuer = "https://mcp.datadoghq.com/v1/mcp";
  expected.authorization_endpoint = "https://app.datadoghq.com/oauth2/v1/authorize";
  expected.token_endpoint = "https://app.datadoghq.com/api/v2/oauth2/token";
  expected.registration_endpoint = "https://app.datadoghq.com/api/v2/oauth2/register";
  expected.scopes = {"mcp_all"};
  expected.challenge_methods = {"S256"};
  expected.token_auth_methods = {"none"};
  CHECK(*metadata == expected);
}

TEST_CASE("every field has a place of its own") {
  const auto metadata = read_server_metadata(R"({
    "issuer":"i", "authorization_endpoint":"a", "token_endpoint":"t", "registration_endpoint":"r",
    "revocation_endpoint":"v", "device_authorization_endpoint":"d", "scopes_supported":["s"],
    "code_challenge_methods_supported":["c"], "token_endpoint_auth_methods_supported":["m"],
    "grant_types_supported":["g"], "client_id_metadata_document_supported":true,
    "authorization_response_iss_parameter_supported":true})");
  REQUIRE(metadata);
  const ServerMetadata expected{"i",     "a",     "t",     "r",     "v",  "d",
                                {{"s"}}, {{"c"}}, {{"m"}}, {{"g"}}, true, true};
  CHECK(*metadata == expected);
}

TEST_CASE("null is absent, and an empty list is a list") {
  const auto metadata = read_server_metadata(R"({"issuer":"i","token_endpoint":"t",
    "registration_endpoint":null,"scopes_supported":null,"grant_types_supported":[],
    "client_id_metadata_document_supported":null})");
  REQUIRE(metadata);
  ServerMetadata expected;
  expected.issuer = "i";
  expected.token_endpoint = "t";
  expected.grant_types.emplace();
  CHECK(*metadata == expected);
}

std::string text_of(std::size_t size) { return json::quoted(std::string(size, 'x')); }

std::string list_of(std::size_t entries, const std::string& entry = "\"x\"") {
  std::string text = "[" + entry;
  for (std::size_t i = 1; i < entries; ++i) text += ',' + entry;
  return text + ']';
}

// What is wrong with a document; empty for a good one.
template <class Read>
std::string complaint(Read&& read, const std::string& body) {
  const auto metadata = read(body);
  if (metadata) return {};
  CHECK(metadata.error().kind == base::Kind::malformed);
  return metadata.error().what;
}

std::string of_resource(const std::string& body) {
  return complaint([](std::string_view text) { return read_resource_metadata(text); }, body);
}

std::string of_server(const std::string& more) {
  return complaint([](std::string_view text) { return read_server_metadata(text); },
                   R"({"issuer":"i","token_endpoint":"t")" + more + '}');
}

TEST_CASE("a resource's metadata needs a resource and a server") {
  const std::string server = R"("authorization_servers":["s"])";
  CHECK(of_resource(R"({"resource":"r",)" + server + '}').empty());
  CHECK(of_resource('{' + server + '}') == "$.resource: missing or empty");
  CHECK(of_resource(R"({"resource":"",)" + server + '}') == "$.resource: missing or empty");
  CHECK(of_resource(R"({"resource":["r"],)" + server + '}') == "$.resource: not a string");
  const std::string no_server = "$.authorization_servers: missing or empty";
  CHECK(of_resource(R"({"resource":"r"})") == no_server);
  CHECK(of_resource(R"({"resource":"r","authorization_servers":[]})") == no_server);
  CHECK(of_resource(R"({"resource":"r","authorization_servers":null})") == no_server);
  CHECK(of_resource(R"({"resource":"r","authorization_servers":"s"})") ==
        "$.authorization_servers: not an array");
  CHECK(of_resource(R"({"resource":"r","authorization_servers":["s",1]})") ==
        "$.authorization_servers[1]: not a string");
  CHECK(of_resource(R"({"resource":"r","scopes_supported":"a b",)" + server + '}') ==
        "$.scopes_supported: not an array");
}

TEST_CASE("a server's metadata needs an issuer and a token endpoint") {
  const auto read = [](std::string_view text) { return read_server_metadata(text); };
  CHECK(of_server("").empty());
  CHECK(complaint(read, R"({"token_endpoint":"t"})") == "$.issuer: missing or empty");
  CHECK(complaint(read, R"({"issuer":null,"token_endpoint":"t"})") == "$.issuer: missing or empty");
  CHECK(complaint(read, R"({"issuer":"i"})") == "$.token_endpoint: missing or empty");
  CHECK(complaint(read, R"({"issuer":"i","token_endpoint":""})") ==
        "$.token_endpoint: missing or empty");
}

TEST_CASE("members of the wrong type are refused") {
  CHECK(of_server(R"(,"registration_endpoint":1)") == "$.registration_endpoint: not a string");
  CHECK(of_server(R"(,"scopes_supported":{"a":1})") == "$.scopes_supported: not an array");
  CHECK(of_server(R"(,"grant_types_supported":[[]])") ==
        "$.grant_types_supported[0]: not a string");
  CHECK(of_server(R"(,"client_id_metadata_document_supported":"true")") ==
        "$.client_id_metadata_document_supported: neither true nor false");
  CHECK(of_server(R"(,"unknown":[[{}]])").empty());
}

TEST_CASE("what is no JSON object, or has a name twice, is refused") {
  for (const char* body : {"", "{", "[]", "\"\"", "null", "<html>", "{} {}",
                           R"({"issuer":"i","issuer":"i","token_endpoint":"t"})",
                           R"({"issuer":"i","token_endpoint":"t","x":{"a":1,"a":2}})"}) {
    CAPTURE(body);
    CHECK_FALSE(
        complaint([](std::string_view text) { return read_server_metadata(text); }, body).empty());
    CHECK_FALSE(of_resource(body).empty());
  }
  const auto document = json::read("[1]");
  CHECK(read_server_metadata(document->root()).error().what == "$: not an object");
}

TEST_CASE("sizes are bounded") {
  CHECK(of_server(",\"registration_endpoint\":" + text_of(4096)).empty());
  CHECK(of_server(",\"registration_endpoint\":" + text_of(4097)) ==
        "$.registration_endpoint: too long");
  CHECK(of_server(",\"scopes_supported\":" + list_of(256)).empty());
  CHECK(of_server(",\"scopes_supported\":" + list_of(257)) ==
        "$.scopes_supported: too many entries");
  CHECK(of_server(",\"scopes_supported\":" + list_of(1, text_of(4096))).empty());
  CHECK(of_server(",\"scopes_supported\":" + list_of(1, text_of(4097))) ==
        "$.scopes_supported: an entry that is too long");
  const std::string rest = R"({"issuer":"i","token_endpoint":"t","x":""})";
  CHECK(of_server(",\"x\":" + text_of(256 * 1024 - rest.size())).empty());
  CHECK_FALSE(of_server(",\"x\":" + text_of(256 * 1024 - rest.size() + 1)).empty());
  CHECK_FALSE(of_server(",\"x\":" + std::string(100, '[') + std::string(100, ']')).empty());
}

class Dice {
 public:
  std::size_t below(std::size_t bound) { return engine_() % bound; }

  std::string text() {
    static constexpr std::array kPieces = {"a", "/", "\"", "\\", "\n", "\xc3\xa9", "https://", " "};
    std::string out = "x";
    for (std::size_t left = below(6); left > 0; --left) out += kPieces[below(kPieces.size())];
    return out;
  }
  std::string text_or_none() { return below(2) == 0 ? std::string() : text(); }
  std::optional<std::vector<std::string>> list() {
    if (below(3) == 0) return std::nullopt;
    std::vector<std::string> items;
    for (std::size_t left = below(4); left > 0; --left) items.push_back(text_or_none());
    return items;
  }

 private:
  std::mt19937 engine_{20250618};
};

TEST_CASE("any server's metadata is read back as it was written") {
  Dice dice;
  for (int i = 0; i < 1000; ++i) {
    const ServerMetadata metadata{dice.text(),         dice.text_or_none(), dice.text(),
                                  dice.text_or_none(), dice.text_or_none(), dice.text_or_none(),
                                  dice.list(),         dice.list(),         dice.list(),
                                  dice.list(),         dice.below(2) == 1,  dice.below(2) == 1};
    const std::string text = write_server_metadata(metadata);
    CAPTURE(text);
    const auto read = read_server_metadata(text);
    REQUIRE(read);
    REQUIRE(*read == metadata);
  }
}

TEST_CASE("what is not there is not written") {
  ServerMetadata metadata;
  metadata.issuer = "i";
  metadata.token_endpoint = "t";
  CHECK(write_server_metadata(metadata) == R"({"issuer":"i","token_endpoint":"t"})");
}

}  // namespace
}  // namespace dogpipe::auth
