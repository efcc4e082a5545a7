#include "auth/registration.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "json/reader.h"

namespace dogpipe::auth {
namespace {

using Methods = std::optional<std::vector<std::string>>;

constexpr const char* kRedirect = "http://localhost:4711/callback";

ServerMetadata server_with(Methods methods) {
  ServerMetadata server;
  server.token_auth_methods = std::move(methods);
  return server;
}

ClientSettings settings(const char* id, const char* secret, const char* url, const char* key) {
  return {id, base::Secret(secret), url, base::Secret(key)};
}

// All of an identity, or the kind of error.
std::string described(const ClientIdentity& client) {
  const char* source = client.source == ClientIdentity::Source::given      ? "given"
                       : client.source == ClientIdentity::Source::document ? "document"
                                                                           : "registered";
  std::string out = std::string(source) + ' ' + client.id + ' ' + std::string(name_of(client.auth));
  if (!client.secret.empty()) out += " secret=" + std::string(client.secret.reveal());
  if (client.secret_expires_at) out += " until=" + std::to_string(*client.secret_expires_at);
  if (!client.redirect_uri.empty()) out += ' ' + client.redirect_uri;
  return out;
}

std::string read(const std::string& body, ClientAuth asked = ClientAuth::none) {
  const auto client = read_registration(body, "R", asked);
  if (client) return described(*client);
  return client.error().kind == base::Kind::malformed ? "malformed" : "another error";
}

TEST_CASE("each way to authenticate has a name and is found by it") {
  std::string names;
  for (const ClientAuth auth :
       {ClientAuth::none, ClientAuth::basic, ClientAuth::post, ClientAuth::private_key}) {
    names += std::string(name_of(auth)) + ' ';
    CHECK(read_client_auth(name_of(auth)) == auth);
  }
  CHECK(names == "none client_secret_basic client_secret_post private_key_jwt ");
  for (const char* name : {"", "None", "client_secret_jwt", "tls_client_auth"}) {
    CHECK_FALSE(read_client_auth(name));
  }
}

TEST_CASE("the user's own client goes before a document, and that before registration") {
  ServerMetadata all;
  all.registration_endpoint = "https://as.test/register";
  all.client_id_metadata_documents = true;
  ServerMetadata documents = all;
  documents.registration_endpoint.clear();
  ServerMetadata registers = all;
  registers.client_id_metadata_documents = false;
  const ServerMetadata nothing;

  const auto own = settings("id", "", "https://c.test/d", "");
  const auto document = settings("", "", "https://c.test/d", "");
  const ClientSettings none;
  for (const auto& server : {all, documents, registers, nothing}) {
    CHECK(choose_way(own, server) == ClientWay::given);
  }
  CHECK(choose_way(document, all) == ClientWay::document);
  CHECK(choose_way(document, documents) == ClientWay::document);
  CHECK(choose_way(document, registers) == ClientWay::registration);
  CHECK(choose_way(document, nothing) == ClientWay::none);
  CHECK(choose_way(none, all) == ClientWay::registration);
  CHECK(choose_way(none, documents) == ClientWay::none);
  CHECK(choose_way(none, nothing) == ClientWay::none);
}

TEST_CASE("a given client authenticates with what it has been given, as the server likes it") {
  const auto secret = settings("id", "S", "", "");
  const auto key = settings("id", "", "", "KEY");
  const auto bare = settings("id", "", "", "");
  const struct {
    const ClientSettings& settings;
    Methods methods;
    std::string client;
  } rows[] = {
      {secret, std::nullopt, "given id client_secret_basic secret=S"},
      {secret, {{}}, "given id client_secret_basic secret=S"},
      {secret, {{"client_secret_post"}}, "given id client_secret_post secret=S"},
      {secret,
       {{"client_secret_post", "client_secret_basic"}},
       "given id client_secret_basic secret=S"},
      {secret, {{"none"}}, "given id client_secret_post secret=S"},
      {key, std::nullopt, "given id private_key_jwt"},
      {key, {{"none"}}, "given id private_key_jwt"},
      {settings("id", "S", "", "KEY"), std::nullopt, "given id client_secret_basic secret=S"},
      {bare, std::nullopt, "given id none"},
      {bare, {{"client_secret_basic"}}, "given id none"},
  };
  for (const auto& row : rows) {
    CHECK(described(given_client(row.settings, server_with(row.methods))) == row.client);
  }
}

TEST_CASE("a client with a document is its URL, and signs if there is a key") {
  const auto url = settings("", "S", "https://c.test/d", "");
  const auto key = settings("", "", "https://c.test/d", "KEY");
  CHECK(described(document_client(url)) == "document https://c.test/d none");
  CHECK(described(document_client(key)) == "document https://c.test/d private_key_jwt");
}

TEST_CASE("a new client asks for no authentication where that will do") {
  const struct {
    Methods methods;
    ClientAuth auth;
  } rows[] = {
      {std::nullopt, ClientAuth::none},
      {{{}}, ClientAuth::none},
      {{{"none"}}, ClientAuth::none},
      {{{"client_secret_basic", "none"}}, ClientAuth::none},
      {{{"client_secret_post", "client_secret_basic"}}, ClientAuth::basic},
      {{{"private_key_jwt", "client_secret_post"}}, ClientAuth::post},
      {{{"private_key_jwt"}}, ClientAuth::none},
      {{{"NONE"}}, ClientAuth::none},
  };
  for (const auto& row : rows) CHECK(registered_auth(server_with(row.methods)) == row.auth);
}

TEST_CASE("a registration request says that we are a native client and want to refresh") {
  CHECK(registration_body(kRedirect, ClientAuth::none, "") ==
        R"({"client_name":"dogpipe","application_type":"native",)"
        R"("redirect_uris":["http://localhost:4711/callback"],)"
        R"("grant_types":["authorization_code","refresh_token"],"response_types":["code"],)"
        R"("token_endpoint_auth_method":"none",)"
        R"("software_id":"dogpipe","software_version":")" DOGPIPE_VERSION R"("})");
  const auto body = json::read(registration_body(kRedirect, ClientAuth::post, "a \"b\""));
  REQUIRE(body);
  CHECK(*body->root()["scope"].as_string() == "a \"b\"");
  CHECK(*body->root()["token_endpoint_auth_method"].as_string() == "client_secret_post");
}

TEST_CASE("Datadog's reply") {
  CHECK(read(R"({"client_id":"6dc9a9a4-0f9c-4b0e-8bd0-6d5a4a3d4b11","client_name":"dogpipe",
                 "redirect_uris":["http://localhost:1/callback"],"grant_types":["authorization_code",
                 "refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none"})") ==
        "registered 6dc9a9a4-0f9c-4b0e-8bd0-6d5a4a3d4b11 none R");
}

TEST_CASE("the reply's method is used where it can be, and no secret is kept that is of no use") {
  constexpr auto kNone = ClientAuth::none, kBasic = ClientAuth::basic, kPost = ClientAuth::post;
  const struct {
    ClientAuth asked;
    std::string rest;
    std::string client;
  } rows[] = {
      {kNone, R"("client_secret":"S","token_endpoint_auth_method":"none")", "none R"},
      {kNone, R"("client_secret":"S","client_secret_expires_at":9)", "none R"},
      {kNone, R"("client_secret":"S","token_endpoint_auth_method":"client_secret_basic")",
       "client_secret_basic secret=S R"},
      {kBasic, R"("client_secret":"S","token_endpoint_auth_method":"client_secret_post")",
       "client_secret_post secret=S R"},
      {kBasic, R"("client_secret":"S","token_endpoint_auth_method":"none")", "none R"},
      {kPost, R"("client_secret":"S")", "client_secret_post secret=S R"},
      {kBasic, R"("client_secret":"S","token_endpoint_auth_method":"private_key_jwt")",
       "client_secret_basic secret=S R"},
      {kBasic, R"("client_secret":"S","token_endpoint_auth_method":7)",
       "client_secret_basic secret=S R"},
      {kBasic, R"("token_endpoint_auth_method":"client_secret_basic")", "none R"},
      {kBasic, R"("client_secret":"")", "none R"},
      {kBasic, R"("client_secret":null)", "none R"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.rest);
    CHECK(read(std::string(R"({"client_id":"i",)") + row.rest + '}', row.asked) ==
          std::string("registered i ") + row.client);
  }
}

TEST_CASE("a secret expires when the reply says so; 0 is never") {
  const auto until = [](const char* when) {
    return read(std::string(R"({"client_id":"i","client_secret":"S","client_secret_expires_at":)") +
                    when + '}',
                ClientAuth::post);
  };
  const std::string never = "registered i client_secret_post secret=S R";
  CHECK(until("1893456000") == "registered i client_secret_post secret=S until=1893456000 R");
  for (const char* when : {"0", "-1", "\"1893456000\"", "null", "1e99", "[]"}) {
    CAPTURE(std::string(when));
    CHECK(until(when) == never);
  }
}

TEST_CASE("what is no registration is refused") {
  const std::string id_2048(2048, 'i'), id_2049(2049, 'i'), megabyte(1 << 20, 'i');
  CHECK(read(R"({"client_id":")" + id_2048 + "\"}") == "registered " + id_2048 + " none R");
  for (const std::string& body : std::vector<std::string>{
           "",
           "null",
           "[]",
           "\"id\"",
           "<html>",
           "{}",
           R"({"client_id":null})",
           R"({"client_id":7})",
           R"({"client_id":["i"]})",
           R"({"client_id":""})",
           R"({"client_id":"a\nb"})",
           R"({"client_id":"a\u0000"})",
           R"({"client_id":"a\u007f"})",
           R"({"client_id":"ü"})",
           R"({"client_id":"\u202e"})",
           R"({"client_id":"i","client_id":"j"})",
           R"({"client_id":"i"} x)",
           R"({"client_id":"i","client_secret":7})",
           R"({"client_id":"i","client_secret":"\r"})",
           R"({"client_id":"i","client_secret":")" + std::string(4097, 's') + "\"}",
           R"({"client_id":")" + id_2049 + "\"}",
           R"({"client_id":")" + megabyte + "\"}",
           R"({"client_id":"i","x":)" + std::string(17, '[') + std::string(17, ']') + "}"}) {
    CAPTURE(body.substr(0, 100));
    CHECK(read(body) == "malformed");
  }
}

TEST_CASE("other redirect URIs in the reply change nothing") {
  CHECK(read(R"({"client_id":"i","redirect_uris":["https://evil.test/"]})") ==
        "registered i none R");
}

// What a refusal is about: the setting at Datadog, another time, by hand, or just no.
std::string subject(int status, const std::string& body) {
  const std::string text = describe_registration_refusal(status, body);
  const auto holds = [&](const char* piece) { return text.find(piece) != std::string::npos; };
  std::string out;
  if (holds("Organization Settings -> Preferences -> MCP OAuth Redirect URLs")) out += "setting ";
  if (holds("forbids")) out += "forbidden ";
  if (holds("by hand")) out += "hand ";
  if (holds("too many")) out += "many ";
  if (holds("later")) out += "later ";
  if (holds("has refused")) out += "refused ";
  return out;
}

TEST_CASE("the user is told what a refused registration is about") {
  const struct {
    int status;
    std::string body;
    std::string subject;
  } rows[] = {
      {400, R"({"error":"invalid_redirect_uri"})", "setting "},
      {403, R"({"error":"invalid_redirect_uri"})", "setting "},
      {400, R"({"error":"invalid_client_metadata"})", "hand "},
      {400, R"({"error":"invalid_software_statement"})", "hand "},
      {400, R"({"error":"unapproved_software_statement"})", "hand "},
      {400, R"({"error":"Invalid_Redirect_Uri"})", "refused "},
      {400, R"({"error":["invalid_redirect_uri"]})", "refused "},
      {400, R"({"errors":["invalid_request"]})", "refused "},
      {400, "", "refused "},
      {302, "", "refused "},
      {200, "", "refused "},
      {401, R"({"error":"invalid_token"})", "hand "},
      {403, "<html>", "setting forbidden "},
      {404, R"({"error":"invalid_redirect_uri"})", "hand "},
      {405, "", "hand "},
      {410, "", "hand "},
      {429, R"({"errors":["Too many requests"]})", "many later "},
      {408, "", "later "},
      {500, R"({"error":"invalid_redirect_uri"})", "later "},
      {503, "", "later "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    CHECK(subject(row.status, row.body) == row.subject);
  }
}

}  // namespace
}  // namespace dogpipe::auth
