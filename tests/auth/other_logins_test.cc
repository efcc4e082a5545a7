// Signing in without a browser on this machine: by device code, and as a service.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "auth/device_login.h"
#include "auth/service_login.h"
#include "sign_in_scene.h"

namespace dogpipe::auth {
namespace {

// One second is the shortest pause there is.
constexpr const char* kCode =
    R"({"device_code":"D","user_code":"AB-CD","expires_in":600,"interval":1,)"
    R"("verification_uri":"https://app.datadoghq.com/device",)"
    R"("verification_uri_complete":"https://app.datadoghq.com/device?c=AB-CD"})";

struct DeviceScene : SignInScene {
  void begin() {
    login = std::make_unique<DeviceLogin>(context, request, found, events, teller());
    CHECK(times == 0);
    turn();
  }
  bool sends(std::size_t requests) {
    return run_until([&] { return client.count() == requests || times > 0; });
  }
  std::unique_ptr<DeviceLogin> login;
};

TEST_CASE("the user is shown page and code, and the token is asked for until it is there") {
  DeviceScene scene;
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  CHECK(scene.client.at(0).request().url == "https://app.datadoghq.com/device");
  CHECK(scene.client.at(0).request().public_only);
  CHECK(scene.client.at(0).body() ==
        "scope=read+list&resource=https%3A%2F%2Fmcp.datadoghq.com%2Fv1%2Fmcp&client_id=given");
  scene.answer(0, 200, kCode);
  CHECK(scene.shown ==
        "https://app.datadoghq.com/device AB-CD https://app.datadoghq.com/device?c=AB-CD");
  CHECK(scene.client.count() == 1);

  REQUIRE(scene.sends(2));
  CHECK(scene.client.at(1).request().url == "https://app.datadoghq.com/token");
  CHECK(parameter(scene.client.at(1).body(), "device_code") == "D");
  CHECK(parameter(scene.client.at(1).body(), "grant_type") ==
        "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code");
  scene.answer(1, 400, R"({"error":"authorization_pending"})");
  CHECK(scene.times == 0);
  REQUIRE(scene.sends(3));
  scene.answer(2, 200, token_json(1));
  REQUIRE(scene.outcome() == "granted");
  CHECK((*scene.grant)->access_token.reveal() == "A1");
  CHECK((*scene.grant)->requested_scope == "read list");
}

TEST_CASE("a no on the other device ends it") {
  for (const char* error : {"access_denied", "expired_token", "invalid_grant"}) {
    DeviceScene scene;
    scene.begin();
    scene.answer(0, 200, kCode);
    REQUIRE(scene.sends(2));
    scene.answer(1, 400, R"({"error":")" + std::string(error) + R"("})");
    CHECK(scene.outcome() == "denied");
  }
}

TEST_CASE("a server without device codes, or that gives none, is named as such") {
  DeviceScene without;
  without.found.server.device_authorization_endpoint.clear();
  without.begin();
  CHECK(without.outcome() == "denied");
  CHECK(without.client.count() == 0);

  DeviceScene refused;
  refused.begin();
  refused.answer(0, 400, R"({"error":"invalid_scope"})");
  CHECK(refused.outcome() == "denied");

  DeviceScene down;
  down.begin();
  down.answer(0, 503, "");
  CHECK(down.outcome() == "unreachable");

  DeviceScene nonsense;
  nonsense.begin();
  nonsense.answer(0, 200, "<html>");
  CHECK(nonsense.outcome() == "malformed");
}

TEST_CASE("nobody is shown a page, and nothing asked, where nobody trusts") {
  for (const char* page : {"https://evil.example/", "http://app.datadoghq.com/", "javascript:x"}) {
    CAPTURE(std::string(page));
    DeviceScene scene;
    scene.begin();
    scene.answer(0, 200,
                 R"({"device_code":"D","user_code":"AB","expires_in":600,"verification_uri":")" +
                     std::string(page) + R"("})");
    CHECK(scene.outcome() == "untrusted");
    CHECK(scene.shown.empty());

    DeviceScene at_once;
    at_once.found.server.device_authorization_endpoint = page;
    at_once.begin();
    CHECK(at_once.client.count() == 0);
    CHECK(at_once.outcome() == "untrusted");
  }
  DeviceScene half;
  half.begin();
  half.answer(0, 200,
              R"({"device_code":"D","user_code":"AB","expires_in":600,)"
              R"("verification_uri":"https://app.datadoghq.com/device",)"
              R"("verification_uri_complete":"https://evil.example/"})");
  CHECK(half.shown == "https://app.datadoghq.com/device AB ");
}

struct ServiceScene : SignInScene {
  ServiceScene() {
    request.method = SignInMethod::client_credentials;
    request.client.secret = base::Secret("hush");
    found.server.token_auth_methods = {"client_secret_post"};
  }
  void begin() {
    login = std::make_unique<ServiceLogin>(context, request, found, teller());
    CHECK(times == 0);
    turn();
  }
  std::unique_ptr<ServiceLogin> login;
};

TEST_CASE("a service signs in with its secret alone") {
  ServiceScene scene;
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  CHECK(scene.client.at(0).request().url == "https://app.datadoghq.com/token");
  CHECK(scene.client.at(0).body() ==
        "grant_type=client_credentials&scope=read+list&"
        "resource=https%3A%2F%2Fmcp.datadoghq.com%2Fv1%2Fmcp&client_id=given&client_secret=hush");
  scene.answer(0, 200, R"({"access_token":"A1","token_type":"bearer","expires_in":60})");
  REQUIRE(scene.outcome() == "granted");
  CHECK((*scene.grant)->refresh_token.empty());
  CHECK((*scene.grant)->client.secret.empty());
}

TEST_CASE("a service without an id or a secret is told so, and asks nothing") {
  ServiceScene no_id;
  no_id.request.client.id.clear();
  no_id.begin();
  CHECK(no_id.outcome() == "usage");
  ServiceScene no_secret;
  no_secret.request.client.secret = base::Secret();
  no_secret.begin();
  CHECK(no_secret.outcome() == "usage");
  ServiceScene bad_key;
  bad_key.request.client.secret = base::Secret();
  bad_key.request.client.key = base::Secret("no key");
  bad_key.begin();
  CHECK(bad_key.outcome() != "granted");
  ServiceScene elsewhere;
  elsewhere.found.server.token_endpoint = "https://evil.example/token";
  elsewhere.begin();
  CHECK(elsewhere.outcome() == "untrusted");
  for (ServiceScene* scene : {&no_id, &no_secret, &bad_key, &elsewhere}) {
    CHECK(scene->client.count() == 0);
    CHECK(scene->times == 1);
  }
}

TEST_CASE("a service that is refused is not asked for again") {
  const std::pair<int, const char*> rows[] = {
      {401, "denied"}, {400, "denied"}, {503, "unreachable"}};
  for (const auto& [status, outcome] : rows) {
    ServiceScene scene;
    scene.begin();
    scene.answer(0, status, R"({"error":"invalid_client"})");
    CHECK(scene.outcome() == outcome);
    CHECK(scene.client.count() == 1);
  }
}

}  // namespace
}  // namespace dogpipe::auth
