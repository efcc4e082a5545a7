#include "auth/become_client.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "sign_in_scene.h"

namespace dogpipe::auth {
namespace {

constexpr const char* kRedirect = "http://localhost:4711/callback";
using Source = ClientIdentity::Source;

struct Scene : SignInScene {
  Scene() { request.client.id.clear(); }

  void begin(BecomeClient::Need need = {kRedirect, "read", false, false}) {
    become = std::make_unique<BecomeClient>(context, request, found, std::move(need),
                                            [this](base::Result<ClientIdentity> outcome_of) {
                                              ++calls;
                                              who = std::move(outcome_of);
                                              become.reset();
                                            });
    CHECK(calls == 0);
    turn();
  }
  void knows(const std::string& issuer = kIssuer,
             std::optional<std::int64_t> secret_ends = std::nullopt) {
    Registration registration;
    registration.issuer = issuer;
    registration.client.source = Source::registered;
    registration.client.id = "known";
    registration.client.redirect_uri = kRedirect;
    registration.client.secret_expires_at = secret_ends;
    store.stored.put(registration);
  }
  // Who we are, or the kind of error.
  std::string result() {
    if (calls != 1) return "called " + std::to_string(calls) + " times";
    if (*who) return (*who)->id;
    const base::Kind kind = who->error().kind;
    return kind == base::Kind::usage         ? "usage"
           : kind == base::Kind::denied      ? "denied"
           : kind == base::Kind::unreachable ? "unreachable"
           : kind == base::Kind::untrusted   ? "untrusted"
           : kind == base::Kind::malformed   ? "malformed"
                                             : "another error";
  }

  int calls = 0;
  std::optional<base::Result<ClientIdentity>> who;
  std::unique_ptr<BecomeClient> become;
};

TEST_CASE("the user's client goes first, then a document's, then a known one") {
  Scene given;
  given.request.client.id = "mine";
  given.request.client.metadata_url = "https://me.example/client.json";
  given.found.server.client_id_metadata_documents = true;
  given.knows();
  given.begin();
  CHECK(given.result() == "mine");

  Scene document;
  document.request.client.metadata_url = "https://me.example/client.json";
  document.found.server.client_id_metadata_documents = true;
  document.knows();
  document.begin();
  CHECK(document.result() == "https://me.example/client.json");

  Scene no_documents;
  no_documents.request.client.metadata_url = "https://me.example/client.json";
  no_documents.knows();
  no_documents.begin();
  CHECK(no_documents.result() == "known");
  for (const Scene* scene : {&given, &document, &no_documents}) CHECK(scene->client.count() == 0);
}

TEST_CASE("a server that registers nobody wants the user's help") {
  Scene scene;
  scene.found.server.registration_endpoint.clear();
  scene.begin();
  CHECK(scene.result() == "usage");
  CHECK(scene.who->error().what.find("DATADOG_CLIENT_ID") != std::string::npos);
}

TEST_CASE("registering is one POST, and the client is kept for later") {
  Scene scene;
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  const auto& sent = scene.client.at(0);
  CHECK(sent.request().url == "https://app.datadoghq.com/register");
  CHECK(sent.request().method == http::Method::post);
  CHECK(sent.request().public_only);
  CHECK(sent.field("Content-Type") == "application/json");
  CHECK(sent.body() == registration_body(kRedirect, ClientAuth::none, "read"));
  scene.answer(0, 201, R"({"client_id":"new","client_secret":"s"})");
  CHECK(scene.result() == "new");
  REQUIRE(scene.store.stored.registrations.size() == 1);
  CHECK(scene.store.stored.registrations[0].issuer == kIssuer);
  CHECK(scene.store.stored.registrations[0].client.id == "new");
  CHECK(scene.store.stored.registrations[0].client.redirect_uri == kRedirect);

  Scene device;
  device.begin({"http://localhost/device", "", false, true});
  CHECK(device.client.at(0).body() ==
        registration_body("http://localhost/device", ClientAuth::none, "", true));
}

TEST_CASE("a known client does for its own issuer and address, as long as its secret lives") {
  const std::int64_t now = base::unix_seconds();
  struct Row {
    const char* issuer;
    const char* redirect;
    std::optional<std::int64_t> ends;
    bool anew;
    bool asks;
  };
  const Row rows[] = {
      {kIssuer, kRedirect, std::nullopt, false, false},
      {kIssuer, kRedirect, now + 1000, false, false},
      {kIssuer, kRedirect, now - 1000, false, true},
      {kIssuer, kRedirect, std::nullopt, true, true},
      {kIssuer, "http://localhost:4712/callback", std::nullopt, false, true},
      {"https://us3.datadoghq.com", kRedirect, std::nullopt, false, true},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.knows(row.issuer, row.ends);
    scene.begin({row.redirect, "", row.anew, false});
    CHECK(scene.client.count() == (row.asks ? 1 : 0));
    if (!row.asks) CHECK(scene.result() == "known");
  }
}

TEST_CASE("registering anew takes the place of what was known") {
  Scene scene;
  scene.knows();
  scene.begin({kRedirect, "", true, false});
  scene.answer(0, 200, R"({"client_id":"new"})");
  CHECK(scene.result() == "new");
  REQUIRE(scene.store.stored.registrations.size() == 1);
  CHECK(scene.store.stored.registrations[0].client.id == "new");
}

TEST_CASE("a refusal is final, trouble is not, and neither is kept or repeated") {
  const std::pair<int, const char*> rows[] = {
      {400, "denied"},      {401, "denied"},      {403, "denied"},
      {404, "denied"},      {302, "denied"},      {429, "unreachable"},
      {408, "unreachable"}, {500, "unreachable"}, {503, "unreachable"}};
  for (const auto& row : rows) {
    const auto status = row.first;  // clang 14 captures no structured binding
    const auto result = row.second;
    CAPTURE(status);
    Scene scene;
    scene.begin();
    scene.answer(0, status, R"({"error":"invalid_redirect_uri","error_description":"SCRIPT"})");
    CHECK(scene.result() == result);
    CHECK(scene.who->error().what.find("SCRIPT") == std::string::npos);
    CHECK(scene.client.count() == 1);
    CHECK(scene.store.stored.registrations.empty());
  }
  Scene nonsense;
  nonsense.begin();
  nonsense.answer(0, 201, "<html>");
  CHECK(nonsense.result() == "malformed");
  Scene cut;
  cut.begin();
  cut.client.at(0).fail(base::Kind::unreachable, false);
  cut.turn();
  CHECK(cut.result() == "unreachable");
}

TEST_CASE("nobody registers where nobody trusts") {
  for (const char* endpoint : {"https://evil.example/register", "http://app.datadoghq.com/register",
                               "https://192.168.0.1/register"}) {
    Scene scene;
    scene.found.server.registration_endpoint = endpoint;
    scene.begin();
    CHECK(scene.client.count() == 0);
    CHECK(scene.result() == "untrusted");
  }
}

TEST_CASE("a store that takes nothing or cannot be read is no reason not to register") {
  Scene scene;
  scene.store.full = true;
  scene.store.unreadable = true;
  scene.begin();
  scene.answer(0, 201, R"({"client_id":"new"})");
  CHECK(scene.result() == "new");
}

TEST_CASE("the port of a registration is that of its redirect URI, if it has one") {
  Stored stored;
  const auto put = [&](const char* issuer, const char* uri) {
    Registration registration;
    registration.issuer = issuer;
    registration.client.redirect_uri = uri;
    stored.put(registration);
  };
  CHECK(registered_port(stored, kIssuer) == 0);
  put(kIssuer, "http://localhost/device");
  CHECK(registered_port(stored, kIssuer) == 0);
  put("https://other.example", "http://localhost:1/callback");
  CHECK(registered_port(stored, kIssuer) == 0);
  put(kIssuer, kRedirect);
  CHECK(registered_port(stored, kIssuer) == 4711);
}

}  // namespace
}  // namespace dogpipe::auth
