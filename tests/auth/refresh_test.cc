#include "auth/refresh.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/stored.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_token_store.h"
#include "flow.h"
#include "known_random.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using base::Kind;
using Strings = std::vector<std::string>;

std::string name_of(Kind kind) {
  switch (kind) {
    case Kind::timed_out:
      return "timed out";
    case Kind::unreachable:
      return "unreachable";
    case Kind::malformed:
      return "malformed";
    case Kind::untrusted:
      return "untrusted";
    case Kind::file:
      return "file";
    case Kind::cut:
      return "cut";
    case Kind::too_large:
      return "too large";
    default:
      return "another error";
  }
}

// One process that renews A1, which the store holds unless a test says otherwise.
struct Scene : QuietLog {
  Scene() {
    store.has(grant_number(1));
    request.profile = "default";
    request.endpoint = kEndpoint;
    request.trusted = trust_in();
    request.stale = fingerprint(base::Secret("A1"));
    client.on_send = [this](fakes::FakeRequest&) { store.deeds.push_back("POST"); };
  }

  void begin() {
    refresh = std::make_unique<Refresh>(
        context, request,
        [this](const Grant& grant) {
          store.deeds.push_back("fresh " + std::string(grant.access_token.reveal()));
        },
        [this](base::Result<Refreshed> refreshed) {
          store.deeds.push_back("done");
          outcome += describe(refreshed);
          refresh.reset();
        });
    loop.pass(0ms);
  }
  static std::string describe(const base::Result<Refreshed>& refreshed) {
    if (!refreshed) return name_of(refreshed.error().kind);
    if (!refreshed->grant) return "none";
    return std::string(refreshed->grant->access_token.reveal()) +
           (refreshed->stored ? " stored" : " in memory");
  }
  void answer(int status, std::string_view body, std::string_view type = "application/json") {
    client.at(client.count() - 1).answer(status, type, body);
    loop.turn();
  }
  std::string picture() const { return std::string(write_stored(store.stored)->reveal()); }

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  Known random{"random"};
  fakes::FakeTokenStore store;
  RefreshContext context{loop, client, random, store};
  RefreshRequest request;
  std::string outcome;
  std::unique_ptr<Refresh> refresh;
};

TEST_CASE("renewing is one POST under the lock, and whoever waits goes on before the disk") {
  Scene scene;
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  fakes::FakeRequest& sent = scene.client.at(0);
  CHECK(sent.request().method == http::Method::post);
  CHECK(sent.request().url == "https://app.datadoghq.com/token");
  CHECK(sent.request().public_only);
  CHECK_FALSE(sent.request().may_resend);
  CHECK(sent.field("Content-Type") == "application/x-www-form-urlencoded");
  CHECK(sent.field("Authorization").empty());
  CHECK(sent.body() ==
        "grant_type=refresh_token&refresh_token=R1&"
        "resource=https%3A%2F%2Fmcp.datadoghq.com%2Fv1%2Fmcp&client_id=client");
  scene.answer(200, token_json(2));
  CHECK(scene.outcome == "A2 stored");
  CHECK(scene.store.deeds ==
        Strings{"lock", "read", "draft", "POST", "fresh A2", "change", "unlock", "done"});

  const Grant* grant = scene.store.stored.find("default", kEndpoint);
  REQUIRE(grant != nullptr);
  CHECK(tokens_in(scene.store.stored) == "A2 R2");
  CHECK(grant->generation == 2);
  CHECK(grant->signed_in_at == 1000);
  CHECK(grant->refreshed_at > 1000);
  CHECK(grant->expires_at == grant->issued_at + 3600);
  CHECK(scene.store.stored.grants.size() == 1);
}

TEST_CASE("a token that another process has renewed is taken over without a request") {
  Scene scene;
  scene.store.has(grant_number(2));
  scene.begin();
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome == "A2 stored");
  CHECK(scene.store.deeds == Strings{"lock", "read", "fresh A2", "unlock", "done"});
}

TEST_CASE("the old refresh token goes on where no new one comes") {
  Scene scene;
  scene.begin();
  scene.answer(200, R"({"access_token":"A2","token_type":"Bearer"})");
  CHECK(scene.outcome == "A2 stored");
  CHECK(tokens_in(scene.store.stored) == "A2 R1");
  CHECK_FALSE(scene.store.stored.find("default", kEndpoint)->expires_at);
}

TEST_CASE("a refused refresh token is forgotten, and nothing else is") {
  Scene scene;
  Registration registration;
  registration.issuer = kIssuer;
  registration.client = grant_number(1).client;
  scene.store.stored.put(registration);
  Grant other = grant_number(7);
  other.profile = "other";
  scene.store.has(other);
  scene.begin();
  scene.answer(400, R"({"error":"invalid_grant"})");
  CHECK(scene.outcome == "none");
  CHECK(tokens_in(scene.store.stored) == " ");
  CHECK(scene.store.stored.find("default", kEndpoint)->generation == 2);
  CHECK(scene.store.stored.find("other", kEndpoint)->access_token.reveal() == "A7");
  CHECK(scene.store.stored.registrations.size() == 1);
}

TEST_CASE("after a refusal the store is read again: somebody may have been faster") {
  for (const char* error : {"invalid_grant", "invalid_client"}) {
    CAPTURE(std::string(error));
    Scene scene;
    scene.begin();
    scene.store.has(grant_number(3));
    scene.answer(400, R"({"error":")" + std::string(error) + R"("})");
    CHECK(scene.outcome == "A3 stored");
    CHECK(tokens_in(scene.store.stored) == "A3 R3");
  }
}

TEST_CASE("only the refresh token that was refused is forgotten") {
  Scene scene;
  scene.begin();
  Grant half = grant_number(1);
  half.refresh_token = base::Secret("R9");
  scene.store.has(half);
  scene.answer(400, R"({"error":"invalid_grant"})");
  CHECK(scene.outcome == "none");
  CHECK(tokens_in(scene.store.stored) == "A1 R9");
}

TEST_CASE("a server that has forgotten the client costs its registration") {
  Scene scene;
  for (const char* id : {"client", "another"}) {
    Registration registration;
    registration.issuer = kIssuer;
    registration.client.id = id;
    registration.client.redirect_uri = std::string("http://localhost/") + id;
    scene.store.stored.put(registration);
  }
  scene.begin();
  scene.answer(401, R"({"error":"invalid_client"})");
  CHECK(scene.outcome == "none");
  CHECK(tokens_in(scene.store.stored) == " ");
  REQUIRE(scene.store.stored.registrations.size() == 1);
  CHECK(scene.store.stored.registrations[0].client.id == "another");
}

TEST_CASE("a server or network in trouble costs nothing") {
  struct Row {
    std::string name;
    std::function<void(Scene&)> trouble;
    std::string outcome;
  };
  const auto status = [](int number, const char* body, const char* type = "application/json") {
    return [=](Scene& scene) { scene.answer(number, body, type); };
  };
  const auto failure = [](Kind kind) {
    return [=](Scene& scene) {
      scene.client.at(0).fail(kind, true);
      scene.loop.pass(60s);
    };
  };
  const std::string huge(300 << 10, ' ');
  const Row rows[] = {
      {"500", status(500, R"({"error":"invalid_grant"})"), "unreachable"},
      {"503", status(503, ""), "unreachable"},
      {"429", status(429, "{}"), "unreachable"},
      {"408", status(408, "{}"), "unreachable"},
      {"a 400 without a word", status(400, "<html>", "text/html"), "none"},
      {"a redirect", status(302, ""), "unreachable"},
      {"a page", status(200, "<html>", "text/html"), "malformed"},
      {"half of JSON", status(200, R"({"access_token":"A)"), "malformed"},
      {"another token type", status(200, R"({"access_token":"A","token_type":"mac"})"),
       "malformed"},
      {"too much", status(200, huge.c_str()), "too large"},
      {"silence", failure(Kind::timed_out), "timed out"},
      {"a cut", failure(Kind::cut), "cut"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scene scene;
    const std::string before = scene.picture();
    scene.begin();
    row.trouble(scene);
    CHECK(scene.outcome == row.outcome);
    CHECK(scene.picture() == before);
    CHECK(scene.client.count() == 1);
    CHECK(scene.store.locks.empty());
  }
}

TEST_CASE("a refusal that says nothing about the refresh token forgets nothing") {
  for (const char* error : {"invalid_scope", "invalid_target", "unauthorized_client"}) {
    CAPTURE(std::string(error));
    Scene scene;
    const std::string before = scene.picture();
    scene.begin();
    scene.answer(400, R"({"error":")" + std::string(error) + R"("})");
    CHECK(scene.outcome == "none");
    CHECK(scene.picture() == before);
  }
}

TEST_CASE("what the server cannot have seen is sent again, three times in all") {
  Scene scene;
  scene.begin();
  for (std::size_t attempt = 0; attempt < 3; ++attempt) {
    REQUIRE(scene.client.count() == attempt + 1);
    CHECK(scene.outcome.empty());
    scene.client.at(attempt).fail(Kind::unreachable, false);
    scene.loop.pass(5s);
  }
  CHECK(scene.client.count() == 3);
  CHECK(scene.outcome == "unreachable");
  CHECK(tokens_in(scene.store.stored) == "A1 R1");
}

TEST_CASE("the second attempt can be the good one, and carries the same token") {
  Scene scene;
  scene.begin();
  scene.client.at(0).fail(Kind::unreachable, false);
  scene.loop.pass(5s);
  REQUIRE(scene.client.count() == 2);
  CHECK(scene.client.at(1).body() == scene.client.at(0).body());
  scene.answer(200, token_json(2));
  CHECK(scene.outcome == "A2 stored");
}

TEST_CASE("a certificate that is not trusted is not tried again") {
  Scene scene;
  scene.begin();
  scene.client.at(0).fail(Kind::untrusted, false);
  scene.loop.pass(5s);
  CHECK(scene.client.count() == 1);
  CHECK(scene.outcome == "untrusted");
}

TEST_CASE("while another process holds the lock there is no request, and then its token counts") {
  Scene scene;
  const std::string name = lock_name("refresh", "default", kEndpoint);
  scene.store.locks[name] = "";
  scene.begin();
  scene.loop.pass(20s);
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome.empty());
  scene.store.has(grant_number(2));
  scene.store.locks.erase(name);
  scene.loop.pass(100ms);
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome == "A2 stored");
}

TEST_CASE("a lock that nobody lets go for 30 s is waited for no longer") {
  Scene scene;
  scene.store.locks[lock_name("refresh", "default", kEndpoint)] = "";
  scene.begin();
  scene.loop.pass(29s);
  CHECK(scene.outcome.empty());
  scene.loop.pass(2s);
  CHECK(scene.outcome == "timed out");
  CHECK(scene.client.count() == 0);
}

TEST_CASE("locks are of one profile at one endpoint, and names that files may have") {
  const std::string one = lock_name("refresh", "default", kEndpoint);
  CHECK(one == lock_name("refresh", "default", kEndpoint));
  CHECK(one != lock_name("refresh", "other", kEndpoint));
  CHECK(one != lock_name("refresh", "default", "https://mcp.datadoghq.eu/v1/mcp"));
  CHECK(one != lock_name("sign-in", "default", kEndpoint));
  CHECK(one.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
}

TEST_CASE("a store without locks is no reason not to renew") {
  Scene scene;
  scene.store.lockless = true;
  scene.begin();
  scene.answer(200, token_json(2));
  CHECK(scene.outcome == "A2 stored");
  CHECK(scene.client.count() == 1);
}

TEST_CASE("with a full disk the token is handed over all the same") {
  Scene scene;
  scene.store.full = true;
  scene.begin();
  scene.answer(200, token_json(2));
  CHECK(scene.outcome == "A2 in memory");
  CHECK(tokens_in(scene.store.stored) == "A1 R1");
  CHECK(scene.store.deeds.at(4) == "fresh A2");
}

TEST_CASE("whoever has signed in meanwhile has the last word") {
  Scene scene;
  scene.begin();
  Grant newer = grant_number(8);
  newer.signed_in_at = 2000;
  scene.store.has(newer);
  scene.answer(200, token_json(2));
  CHECK(tokens_in(scene.store.stored) == "A8 R8");
}

TEST_CASE("whoever has signed out meanwhile stays signed out") {
  Scene scene;
  scene.begin();
  scene.store.another_process([](Stored& stored) { stored.grants.clear(); });
  scene.answer(200, token_json(2));
  CHECK(tokens_in(scene.store.stored).empty());
}

TEST_CASE("where nothing is stored the caller's own grant is renewed") {
  Scene scene;
  scene.store.stored = {};
  scene.request.own = grant_number(1);
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  scene.answer(200, token_json(2));
  CHECK(scene.outcome == "A2 stored");
  CHECK(tokens_in(scene.store.stored) == "A2 R2");
}

// The disk was full when A2 came: what is stored is spent.
TEST_CASE("the caller's own grant goes before an older one of the same sign-in in the store") {
  Scene scene;
  scene.request.own = grant_number(2);
  scene.request.stale = fingerprint(base::Secret("A2"));
  scene.begin();
  REQUIRE(scene.client.count() == 1);
  CHECK(scene.client.at(0).body().find("refresh_token=R2&") != std::string_view::npos);
  scene.answer(200, token_json(3));
  CHECK(scene.outcome == "A3 stored");
  CHECK(tokens_in(scene.store.stored) == "A3 R3");
}

TEST_CASE("a later sign-in in the store goes before the caller's own grant") {
  Scene scene;
  scene.request.own = grant_number(5);
  scene.request.stale = fingerprint(base::Secret("A5"));
  Grant later = grant_number(1);
  later.signed_in_at = 2000;
  scene.store.has(later);
  scene.begin();
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome == "A1 stored");
}

TEST_CASE("with nothing to renew by there is no request") {
  const std::function<void(Scene&)> wants[] = {
      [](Scene& scene) { scene.store.stored = {}; },
      [](Scene& scene) { scene.store.stored.grants[0].refresh_token = base::Secret(); },
      [](Scene& scene) { scene.store.stored.grants[0].server.token_endpoint.clear(); },
  };
  for (const auto& take_away : wants) {
    Scene scene;
    take_away(scene);
    scene.begin();
    CHECK(scene.client.count() == 0);
    CHECK(scene.outcome == "none");
    CHECK(scene.store.locks.empty());
  }
}

TEST_CASE("a store that cannot be read does not mean that nobody is signed in") {
  Scene scene;
  scene.store.unreadable = true;
  scene.begin();
  CHECK(scene.client.count() == 0);
  CHECK(scene.outcome == "file");
}

TEST_CASE("a refresh token goes to no endpoint that is not the issuer's or trusted") {
  for (const char* endpoint : {"https://evil.example/token", "http://app.datadoghq.com/token",
                               "https://10.0.0.1/token", "javascript:x"}) {
    CAPTURE(std::string(endpoint));
    Scene scene;
    scene.store.stored.grants[0].server.token_endpoint = endpoint;
    scene.begin();
    CHECK(scene.client.count() == 0);
    CHECK(scene.outcome == "untrusted");
  }
}

TEST_CASE("a secret that the user has set goes with the user's client, and with no other") {
  for (const bool same : {true, false}) {
    Scene scene;
    scene.store.stored.grants[0].client.source = ClientIdentity::Source::given;
    scene.store.stored.grants[0].client.auth = ClientAuth::post;
    scene.store.stored.grants[0].server.token_auth_methods = {"client_secret_post"};
    scene.request.client.id = same ? "client" : "another";
    scene.request.client.secret = base::Secret("hush");
    scene.begin();
    REQUIRE(scene.client.count() == 1);
    const bool with_secret =
        scene.client.at(0).body().find("client_secret=hush") != std::string_view::npos;
    CHECK(with_secret == same);
    scene.answer(200, token_json(2));
    CHECK(scene.store.stored.grants[0].client.secret.empty());
  }
}

TEST_CASE("dropped, it lets go of request and lock and says nothing") {
  Scene scene;
  scene.begin();
  scene.refresh.reset();
  CHECK(scene.client.at(0).cancelled());
  CHECK(scene.store.locks.empty());
  scene.loop.pass(60s);
  CHECK(scene.outcome.empty());
}

}  // namespace
}  // namespace dogpipe::auth
