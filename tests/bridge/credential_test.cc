// Requests that the server refuses for want of a credential.
#include <doctest/doctest.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";
constexpr std::string_view kSent =
    "POST S1 2025-06-18 "
    R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
    "\n";

struct Guarded : World {
  explicit Guarded(const Settings& settings = {}) : World(settings) {
    authorizer.sign_in();
    open();
    authorizer.can_mend = true;
  }
};

auth::Impediment signing_in() {
  auth::Impediment impediment;
  impediment.kind = auth::Impediment::Kind::sign_in_required;
  impediment.what = "sign in";
  impediment.url = "https://app.example/authorize?a=b";
  impediment.command = "dogpipe login";
  return impediment;
}

TEST_CASE("a call that is refused with 401 goes again with the new credential, without a word") {
  Guarded world;
  world.host(kCall);
  world.reply(1, 401, "application/json", "{}",
              {{"WWW-Authenticate", "Bearer error=\"x\""}, {"WWW-Authenticate", "Basic"}});
  CHECK(world.authorizer.waiting() == 1);
  CHECK(world.authorizer.refusals.at(0).challenge == "Bearer error=\"x\", Basic");
  CHECK(world.requests() == 1);
  world.authorizer.settle();
  CHECK(world.request(2).field("Authorization") == "Bearer 2");
  world.json(2, R"({"id":1,"result":{}})");
  CHECK(world.transcript() ==
        "#1 " + std::string(kSent) + "#2 " + std::string(kSent) + "< {\"id\":1,\"result\":{}}\n");
}

TEST_CASE("many calls that are refused share the wait and each is answered once") {
  Guarded world;
  for (int i = 1; i <= 50; ++i) {
    world.host(R"({"id":)" + std::to_string(i) +
               R"(,"method":"tools/call","params":{"name":"a"}})");
  }
  for (std::size_t i = 1; i <= 50; ++i) world.reply(i, 401);
  CHECK(world.authorizer.waiting() == 50);
  world.authorizer.settle();
  REQUIRE(world.requests() == 100);
  world.forget();
  std::string answers;
  for (std::size_t i = 1; i <= 50; ++i) {
    const std::string answer = R"({"id":)" + std::to_string(i) + R"(,"result":{}})";
    world.json(50 + i, answer);
    answers += "< " + answer + "\n";
  }
  CHECK(world.transcript() == answers);
}

TEST_CASE("initialize waits for the sign-in while pings are answered, and then goes") {
  World world;
  world.authorizer.can_mend = true;
  world.host(kInitialize);
  world.reply(1, 401);
  world.forget();
  world.host(R"({"id":9,"method":"ping"})");
  CHECK(world.transcript() == "< {\"id\":9,\"result\":{}}\n");
  world.authorizer.settle();
  CHECK(world.requests() == 2);
  CHECK(world.request(2).field("Authorization") == "Bearer 2");
}

TEST_CASE("where the user is needed the host hears the URL and the command") {
  Guarded world;
  world.host(kCall);
  world.reply(1, 401);
  world.forget();
  world.authorizer.settle(signing_in());
  CHECK(world.transcript() ==
        "< 1: -31001 sign_in_required retryable=true executed=no attempts=1 "
        "url=https://app.example/authorize?a=b loginCommand=dogpipe login\n");
}

TEST_CASE("a sign-in that failed has a code of its own") {
  Guarded world;
  auth::Impediment impediment = signing_in();
  std::string wanted;
  SUBCASE("refused") {
    impediment.kind = auth::Impediment::Kind::sign_in_failed;
    wanted = "-31002 sign_in_failed retryable=false";
  }
  SUBCASE("out of reach") {
    impediment.kind = auth::Impediment::Kind::unreachable;
    wanted = "-31003 network retryable=true";
  }
  impediment.url.clear();
  impediment.command.clear();
  world.host(kCall);
  world.reply(1, 401);
  world.forget();
  world.authorizer.settle(impediment);
  CHECK(world.transcript() == "< 1: " + wanted + " executed=no attempts=1\n");
}

TEST_CASE("a second refusal may be bad luck, a third is said to be one in vain") {
  Guarded world;
  world.host(kCall);
  for (std::size_t attempt = 1; attempt <= 3; ++attempt) {
    world.reply(attempt, 401, "", "", {{"WWW-Authenticate", "Bearer"}});
    world.authorizer.settle();
  }
  REQUIRE(world.authorizer.refusals.size() == 3);
  CHECK_FALSE(world.authorizer.refusals[0].again);
  CHECK_FALSE(world.authorizer.refusals[1].again);
  CHECK(world.authorizer.refusals[2].again);
}

TEST_CASE("403 for want of scope is mended too, and a server that is never content is left alone") {
  Guarded world;
  world.host(kCall);
  for (std::size_t attempt = 1; attempt <= 3; ++attempt) {
    world.reply(attempt, 403, "", "",
                {{"WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"x\""}});
    REQUIRE(world.authorizer.waiting() == 1);
    world.authorizer.settle();
  }
  world.forget();
  world.reply(4, 403);
  CHECK(world.transcript() ==
        "< 1: -31006 http_status retryable=false executed=no attempts=4 httpStatus=403\n");
  CHECK(world.requests() == 4);
}

TEST_CASE("a credential that is known to be stale is renewed before anything is sent") {
  Guarded world;
  world.authorizer.stale = true;
  world.host(kCall);
  CHECK(world.requests() == 0);
  world.authorizer.settle();
  CHECK(world.request(1).field("Authorization") == "Bearer 2");
}

TEST_CASE("a call that is cancelled while it waits is not sent") {
  Guarded world;
  world.host(kCall);
  world.reply(1, 401);
  world.forget();
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK(world.authorizer.waiting() == 0);
  world.authorizer.settle();
  CHECK(world.requests() == 1);
  CHECK(world.transcript().empty());
}

TEST_CASE("a 401 that stays after the credential was renewed is about the session") {
  Guarded world;
  world.host(kCall);
  world.reply(1, 401);
  world.authorizer.settle();
  world.authorizer.can_mend = false;
  world.forget();
  world.reply(2, 401);
  CHECK(world.transcript() == "#3 POST - - " + brief(full(kInitialize)) + "\n");
}

TEST_CASE("the server's own stream takes a renewed credential without troubling the user") {
  World world;
  world.authorizer.can_mend = true;
  world.open_with_stream();
  world.reply(3, 401);
  REQUIRE(world.authorizer.refusals.size() == 1);
  CHECK(world.authorizer.refusals[0].quiet);
  world.forget();
  SUBCASE("that there is at once") {
    world.authorizer.settle();
    CHECK(world.transcript() == "#4 GET S1 2025-06-18\n");
  }
  SUBCASE("that comes when somebody has signed in") {
    world.authorizer.settle(signing_in());
    world.pass(1min);
    CHECK(world.requests() == 3);
    world.authorizer.settle();
    world.pass(5s);
    CHECK(world.transcript() == "#4 GET S1 2025-06-18\n");
  }
}

TEST_CASE(
    "a server that has let us in without a credential means the session, unless it says more") {
  World world;
  world.open();
  world.authorizer.can_mend = true;
  world.host(kCall);
  world.forget();
  SUBCASE("without a challenge") {
    world.reply(1, 401);
    CHECK(world.transcript() == "#2 POST - - " + brief(full(kInitialize)) + "\n");
  }
  SUBCASE("with one") {
    world.reply(1, 401, "", "", {{"WWW-Authenticate", "Bearer"}});
    CHECK(world.authorizer.waiting() == 1);
  }
}

}  // namespace
}  // namespace dogpipe::bridge
