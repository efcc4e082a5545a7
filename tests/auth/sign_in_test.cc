#include "auth/sign_in.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sign_in_scene.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOther = "https://us3.datadoghq.com";

struct Scene : SignInScene {
  void begin() {
    sign_in = std::make_unique<SignIn>(context, request, events, teller());
    turn();
  }
  // The documents on the way to the server; the last request is what comes then.
  void find(const std::string& issuer = kIssuer) {
    answer(client.count() - 1, 200,
           R"({"resource":"https://mcp.datadoghq.com/v1/mcp","authorization_servers":[")" +
               std::string(kIssuer) + R"(",")" + kOther + R"("]})");
    answer(client.count() - 1, 200, write_server_metadata(server_at(issuer)));
  }
  std::unique_ptr<SignIn> sign_in;
};

TEST_CASE("from the server's metadata to a grant") {
  Scene scene;
  scene.begin();
  CHECK(scene.sign_in->paste("code=x").error().kind == base::Kind::malformed);
  scene.find();
  REQUIRE(scene.urls.size() == 1);
  CHECK(scene.sign_in->paste("code=C0DE&state=" + parameter(scene.urls[0], "state")));
  scene.answer(2, 200, token_json(1));
  REQUIRE(scene.outcome() == "granted");
  CHECK((*scene.grant)->server == server_at());
  CHECK_FALSE(scene.sign_in->linger([] {}));
}

TEST_CASE("the place that the challenge names is asked") {
  Scene scene;
  scene.request.challenge.resource_metadata = "https://mcp.datadoghq.com/rm";
  scene.begin();
  CHECK(scene.client.at(0).request().url == "https://mcp.datadoghq.com/rm");
}

TEST_CASE("the authorization server of the sign-in before is preferred") {
  for (const bool known : {true, false}) {
    Scene scene;
    if (known) {
      Grant grant = grant_number(1);
      grant.server = server_at(kOther);
      scene.store.has(grant);
    }
    scene.begin();
    scene.find(known ? kOther : kIssuer);
    REQUIRE(scene.urls.size() == 1);
    const std::string expected = std::string(known ? kOther : kIssuer) + "/authorize?";
    CHECK(scene.urls[0].substr(0, expected.size()) == expected);
  }
}

TEST_CASE("where no server is found the sign-in ends with that") {
  Scene scene;
  scene.begin();
  scene.client.at(0).fail(base::Kind::unreachable, false);
  scene.turn();
  CHECK(scene.outcome() == "unreachable");
}

TEST_CASE("nobody is waited for for ever, and who comes then is not heard") {
  Scene scene;
  scene.request.patience = 50ms;
  scene.begin();
  scene.find();
  CHECK(scene.run_until([&] { return scene.times > 0; }));
  CHECK(scene.outcome() == "timed out");
  CHECK_FALSE(scene.sign_in->paste("code=C0DE&state=" + parameter(scene.urls.at(0), "state")));
  CHECK(scene.times == 1);
}

TEST_CASE("a code that has come in time is made use of, however long the token takes") {
  Scene scene;
  scene.request.patience = 50ms;
  scene.begin();
  scene.find();
  CHECK(scene.sign_in->paste("code=C0DE&state=" + parameter(scene.urls.at(0), "state")));
  bool long_after = false;
  event::Timer timer(scene.loop, [&] { long_after = true; });
  timer.start(200ms);
  CHECK(scene.run_until([&] { return long_after; }));
  CHECK(scene.times == 0);
  scene.answer(2, 200, token_json(1));
  CHECK(scene.outcome() == "granted");
}

}  // namespace
}  // namespace dogpipe::auth
