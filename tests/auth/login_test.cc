#include "auth/login.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "sign_in_scene.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

constexpr const char* kRegistered = R"({"client_id":"new"})";
constexpr const char* kForgotten = R"({"error":"invalid_client"})";

struct Scene : SignInScene {
  Scene& begin() {
    login = std::make_unique<Login>(context, request, found, events, teller());
    CHECK(times == 0);
    turn();
    return *this;
  }
  std::string state() const { return parameter(urls.back(), "state"); }
  // The browser comes back.
  bool returns(const std::string& query) {
    const bool taken = login->paste("http://localhost:1/callback?" + query).has_value();
    turn();
    return taken;
  }
  bool returns_with_code(const std::string& more = "") {
    return returns("code=C0DE&state=" + state() + more);
  }
  Strings requests() {
    Strings all;
    for (std::size_t i = 0; i < client.count(); ++i) all.push_back(client.at(i).request().url);
    return all;
  }

  std::unique_ptr<Login> login;
};

TEST_CASE("the browser is sent off with all that the answer will be held against") {
  Scene scene;
  scene.request.organization = "0b6ae5d2-9e4c-11ee-8c90-0242ac120002";
  scene.begin();
  CHECK(scene.client.count() == 0);
  CHECK(scene.spawner.starts.empty());
  REQUIRE(scene.urls.size() == 1);
  const std::string& url = scene.urls[0];
  CHECK(url.substr(0, url.find('?')) == "https://app.datadoghq.com/authorize");
  CHECK(parameter(url, "response_type") == "code");
  CHECK(parameter(url, "client_id") == "given");
  CHECK(parameter(url, "redirect_uri").find("http%3A%2F%2Flocalhost%3A") == 0);
  CHECK(parameter(url, "scope") == "read%20list");
  CHECK(parameter(url, "resource") == "https%3A%2F%2Fmcp.datadoghq.com%2Fv1%2Fmcp");
  CHECK(parameter(url, "state").size() == 43);
  CHECK(parameter(url, "code_challenge").size() == 43);
  CHECK(parameter(url, "code_challenge_method") == "S256");
  CHECK(parameter(url, "dd_oid") == scene.request.organization);
}

TEST_CASE("the code is exchanged, once, and a grant comes of it") {
  Scene scene;
  scene.begin();
  const std::string state = scene.state();
  CHECK(scene.returns_with_code("&dd_oid=org&dd_org_name=Acme"));
  REQUIRE(scene.client.count() == 1);
  const auto& sent = scene.client.at(0);
  CHECK(sent.request().url == "https://app.datadoghq.com/token");
  CHECK(sent.request().public_only);
  CHECK_FALSE(sent.request().may_resend);
  const std::string_view form = sent.body();
  CHECK(parameter(form, "grant_type") == "authorization_code");
  CHECK(parameter(form, "code") == "C0DE");
  CHECK(parameter(form, "client_id") == "given");
  CHECK(parameter(form, "resource") == "https%3A%2F%2Fmcp.datadoghq.com%2Fv1%2Fmcp");
  CHECK(parameter(form, "redirect_uri") == parameter(scene.urls[0], "redirect_uri"));
  CHECK(crypto::base64url(crypto::sha256(parameter(form, "code_verifier"))) ==
        parameter(scene.urls[0], "code_challenge"));

  CHECK_FALSE(scene.returns("code=C0DE&state=" + state));
  scene.answer(0, 200, token_json(1));
  CHECK_FALSE(scene.returns("code=C0DE&state=" + state));
  CHECK(scene.client.count() == 1);
  REQUIRE(scene.outcome() == "granted");
  const Grant& grant = **scene.grant;
  CHECK(grant.profile == "default");
  CHECK(grant.endpoint == kEndpoint);
  CHECK(grant.server == scene.found.server);
  CHECK(grant.client.id == "given");
  CHECK(grant.resource == kEndpoint);
  CHECK(grant.requested_scope == "read list");
  CHECK(grant.access_token.reveal() == "A1");
  CHECK(grant.refresh_token.reveal() == "R1");
  CHECK(grant.signed_in_at > 1000);
  CHECK(grant.expires_at == grant.signed_in_at + 3600);
  CHECK(grant.organization == "org");
  CHECK(grant.organization_name == "Acme");
  CHECK(scene.store.stored.grants.empty());
}

TEST_CASE("strangers do not end the wait") {
  Scene scene;
  scene.found.server.names_issuer_in_response = true;
  scene.begin();
  const std::string state = scene.state();
  for (const std::string& query : Strings{
           std::string(), std::string("code=X"), std::string("code=X&state="),
           std::string("code=X&state=") + std::string(43, 'x'), "code=X&state=" + state.substr(1),
           "code=X&state=" + state, "code=X&state=" + state + "&iss=https%3A%2F%2Fevil.example",
           "error=access_denied&state=x", "error=access_denied",
           "code=X&state=" + state + "&iss=https%3A%2F%2Fapp.datadoghq.com%2F",
           "code=X&code=Y&state=" + state + "&iss=https%3A%2F%2Fapp.datadoghq.com"}) {
    CAPTURE(query);
    CHECK_FALSE(scene.returns(query));
  }
  CHECK(scene.client.count() == 0);
  CHECK(scene.times == 0);
  CHECK(scene.returns("code=C0DE&state=" + state + "&iss=https%3A%2F%2Fapp.datadoghq.com"));
  CHECK(scene.client.count() == 1);
}

TEST_CASE("a no in the browser is a no") {
  const std::pair<const char*, const char*> rows[] = {{"access_denied", "denied"},
                                                      {"invalid_scope", "denied"},
                                                      {"server_error", "unreachable"},
                                                      {"temporarily_unavailable", "unreachable"},
                                                      {"whatever", "denied"}};
  for (const auto& row : rows) {
    const auto error = row.first;  // clang 14 captures no structured binding
    const auto outcome = row.second;
    CAPTURE(std::string(error));
    Scene scene;
    scene.begin();
    CHECK(scene.returns("error=" + std::string(error) +
                        "&error_description=SCRIPT&state=" + scene.state()));
    CHECK(scene.client.count() == 0);
    CHECK(scene.outcome() == outcome);
    CHECK(scene.grant->error().what.find("SCRIPT") == std::string::npos);
  }
}

TEST_CASE("without PKCE by S256 nothing is asked and nobody sent anywhere") {
  const std::optional<Strings> lists[] = {std::nullopt, Strings{}, Strings{"plain"}};
  for (const auto& methods : lists) {
    Scene scene;
    scene.found.server.challenge_methods = methods;
    scene.begin();
    CHECK(scene.outcome() == "untrusted");
    CHECK(scene.urls.empty());
    CHECK(scene.client.count() == 0);
  }
  Scene guessed;
  guessed.found.server.challenge_methods.reset();
  guessed.found.guessed = true;
  guessed.begin();
  CHECK(guessed.urls.size() == 1);
}

TEST_CASE("a server without a page to sign in at is named as such") {
  Scene scene;
  scene.found.server.authorization_endpoint.clear();
  scene.begin();
  CHECK(scene.outcome() == "denied");
}

TEST_CASE("another organization or site than the profile's costs no code") {
  const std::pair<const char*, bool> rows[] = {
      {"&dd_oid=right&domain=app.datadoghq.com", true},
      {"&dd_oid=right", true},
      {"", true},
      {"&domain=acme.datadoghq.com", true},
      {"&dd_oid=wrong&domain=app.datadoghq.com", false},
      {"&dd_oid=right&domain=us3.datadoghq.com", false},
      {"&dd_oid=right&domain=app.datadoghq.eu", false},
      {"&domain=evil.example", false},
  };
  for (const auto& row : rows) {
    const auto more = row.first;  // clang 14 captures no structured binding
    const auto good = row.second;
    CAPTURE(std::string(more));
    Scene scene;
    scene.request.organization = "right";
    scene.request.site = "datadoghq.com";
    scene.begin();
    CHECK(scene.returns_with_code(more));
    CHECK(scene.client.count() == (good ? 1 : 0));
    if (!good) CHECK(scene.outcome() == "denied");
  }
}

TEST_CASE("a client is registered for the very address that the browser comes back to") {
  Scene scene;
  scene.request.client.id.clear();
  scene.begin();
  REQUIRE(scene.requests() == Strings{"https://app.datadoghq.com/register"});
  CHECK(scene.urls.empty());
  scene.answer(0, 201, kRegistered);
  REQUIRE(scene.urls.size() == 1);
  CHECK(parameter(scene.urls[0], "client_id") == "new");
  REQUIRE(scene.store.stored.registrations.size() == 1);
  const std::string uri = scene.store.stored.registrations[0].client.redirect_uri;
  CHECK(scene.client.at(0).body().find('"' + uri + '"') != std::string_view::npos);
  CHECK(scene.store.stored.registrations[0].issuer == kIssuer);
}

TEST_CASE("a server that has forgotten the client registers it anew, once") {
  Scene scene;
  scene.request.client.id.clear();
  scene.begin();
  scene.answer(0, 201, kRegistered);
  const std::string old = scene.state();
  scene.returns_with_code();
  scene.answer(1, 401, kForgotten);
  CHECK(scene.times == 0);
  REQUIRE(scene.client.count() == 3);
  CHECK(scene.client.at(2).request().url == "https://app.datadoghq.com/register");
  CHECK_FALSE(scene.returns("code=C0DE&state=" + old));
  CHECK(scene.client.count() == 3);
  scene.answer(2, 201, R"({"client_id":"newer"})");
  REQUIRE(scene.urls.size() == 2);
  CHECK(parameter(scene.urls[1], "client_id") == "newer");
  CHECK(scene.state() != old);
  CHECK(parameter(scene.urls[1], "code_challenge") != parameter(scene.urls[0], "code_challenge"));
  CHECK_FALSE(scene.returns("code=C0DE&state=" + old));
  CHECK(scene.returns_with_code());
  REQUIRE(scene.client.count() == 4);
  CHECK(parameter(scene.client.at(3).body(), "client_id") == "newer");
  scene.answer(3, 401, kForgotten);
  CHECK(scene.outcome() == "denied");
  CHECK(scene.client.count() == 4);
}

TEST_CASE("the user's own client is not replaced by another") {
  Scene scene;
  scene.begin().returns_with_code();
  scene.answer(0, 401, kForgotten);
  CHECK(scene.outcome() == "denied");
  CHECK(scene.client.count() == 1);
}

TEST_CASE("a code that is not taken is not tried again") {
  const std::pair<int, const char*> rows[] = {
      {400, R"({"error":"invalid_grant"})"}, {500, ""}, {200, "<html>"}};
  for (const auto& [status, body] : rows) {
    Scene scene;
    scene.begin().returns_with_code();
    scene.answer(0, status, body);
    CHECK(scene.client.count() == 1);
    CHECK(scene.times == 1);
    CHECK_FALSE(*scene.grant);
  }
}

TEST_CASE("what comes from the server opens as one argument, or not at all") {
  ::setenv("BROWSER", "/bin/true", 1);
  Scene good;
  good.request.open_browser = true;
  good.begin();
  REQUIRE(good.spawner.starts.size() == 1);
  CHECK(good.spawner.starts[0]->command.program == "/bin/true");
  CHECK(good.spawner.starts[0]->command.arguments == good.urls);
  good.spawner.end(0, 0);
  CHECK(good.browsers == std::vector<bool>{true});

  for (const char* endpoint :
       {"https://evil.example/authorize", "http://app.datadoghq.com/authorize", "javascript:x",
        "file:///etc/passwd", "data:text/html,x", "--help", "https://app.datadoghq.com/$(id)",
        "https://app.datadoghq.com/'a'", "https://app.datadoghq.com/a b",
        "https://app.datadoghq.com/`id`", "https://app.datadoghq.com/a\"b",
        "https://u:p@app.datadoghq.com/", "https://10.0.0.1/authorize", "https://localhost/"}) {
    CAPTURE(std::string(endpoint));
    Scene scene;
    scene.request.open_browser = true;
    scene.found.server.authorization_endpoint = endpoint;
    scene.begin();
    CHECK(scene.spawner.starts.empty());
    CHECK(scene.urls.empty());
    CHECK(scene.outcome() == "untrusted");
  }
  ::unsetenv("BROWSER");
}

TEST_CASE("a code goes to no endpoint that is not the issuer's or trusted") {
  Scene scene;
  scene.found.server.token_endpoint = "https://evil.example/token";
  scene.begin().returns_with_code();
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome() == "untrusted");
}

TEST_CASE("the port of an earlier registration is taken again, and so is the client") {
  Scene first;
  first.request.client.id.clear();
  first.begin();
  first.answer(0, 201, kRegistered);
  first.login.reset();

  Scene second;
  second.request.client.id.clear();
  second.store.stored = first.store.stored;
  second.begin();
  CHECK(second.client.count() == 0);
  REQUIRE(second.urls.size() == 1);
  CHECK(parameter(second.urls[0], "client_id") == "new");
  CHECK(parameter(second.urls[0], "redirect_uri") == parameter(first.urls[0], "redirect_uri"));
}

TEST_CASE("dropped, it says nothing more") {
  Scene scene;
  scene.begin().returns_with_code();
  scene.login.reset();
  scene.turn();
  CHECK(scene.client.at(0).cancelled());
  CHECK(scene.times == 0);
}

// One GET on a connection of its own; blocks.
std::string fetch(int port, const std::string& target) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string reply;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
    const std::string request = "GET " + target +
                                " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
                                "\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(fd, request.data(), request.size(), MSG_NOSIGNAL));
    char piece[4096];
    for (ssize_t got; (got = ::recv(fd, piece, sizeof piece, 0)) > 0;) {
      reply.append(piece, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return reply;
}

// The whole way through the listener, with the browser in a thread.
struct Visit {
  explicit Visit(Scene& of, std::string of_query, int status, std::string body)
      : scene(of), query(std::move(of_query)) {
    event::Deferred reply(scene.loop,
                          [&] { scene.client.at(0).answer(status, "application/json", body); });
    scene.client.on_send = [&](fakes::FakeRequest&) { reply.schedule(); };
    const std::string uri = parameter(scene.urls.at(0), "redirect_uri");
    const int port = std::stoi(uri.substr(uri.rfind("%3A") + 3));
    std::atomic<bool> finished = false;
    std::thread browser([&] {
      stranger = fetch(port, "/callback?code=x&state=y");
      sent_on = fetch(port, "/callback?" + query);
      page = fetch(port, "/done");
      finished = true;
    });
    bool lingers = false;
    scene.run_until([&] {
      if (scene.times == 1 && !lingers) {
        lingers = true;
        asked_to_stay = scene.login->linger([&] { over = true; });
      }
      return finished && (!asked_to_stay || over);
    });
    browser.join();
    scene.client.on_send = nullptr;
  }

  Scene& scene;
  std::string query;
  std::string stranger, sent_on, page;
  bool asked_to_stay = false;
  bool over = false;
};

TEST_CASE("the browser gets its page when the outcome is known, and then nobody waits for it") {
  Scene scene;
  scene.begin();
  const Visit visit(scene, "code=C0DE&state=" + scene.state() + "&dd_org_name=Acme", 200,
                    token_json(1));
  CHECK(visit.stranger.substr(0, 12) == "HTTP/1.1 400");
  CHECK(visit.sent_on.substr(0, 12) == "HTTP/1.1 302");
  CHECK(visit.page.find("Acme") != std::string::npos);
  CHECK(visit.asked_to_stay);
  CHECK(visit.over);
  CHECK(scene.outcome() == "granted");
}

TEST_CASE("the page of a failure says so") {
  Scene scene;
  scene.begin();
  const Visit visit(scene, "code=C0DE&state=" + scene.state() + "&dd_org_name=Acme", 400,
                    R"({"error":"invalid_grant"})");
  CHECK(visit.sent_on.substr(0, 12) == "HTTP/1.1 302");
  CHECK(visit.page.substr(0, 12) == "HTTP/1.1 200");
  CHECK(visit.page.find("Acme") == std::string::npos);
  CHECK(scene.outcome() == "denied");
}

}  // namespace
}  // namespace dogpipe::auth
