// The host does not want an answer any more, or leaves altogether.
#include <doctest/doctest.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";
constexpr std::string_view kCancel =
    R"({"method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}})";

TEST_CASE("a request that was sent is cancelled at the server too, and never answered") {
  World world;
  world.open();
  world.host(kCall);
  world.forget();
  world.host(kCancel);
  CHECK(world.transcript() ==
        "#2 POST S1 2025-06-18 "
        R"({"method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}})"
        "\n#1 cancelled\n");
  world.reply(2, 202);
  CHECK(world.transcript().empty());
  CHECK(world.router.idle());
}

TEST_CASE("what comes after cancelling, in the same breath, is not passed on") {
  World world;
  world.open();
  world.host(kCall);
  world.stream(1, event(R"({"method":"notifications/progress","params":{}})"));
  world.client.hold();
  world.more(1, event(R"({"id":1,"result":{}})"));
  world.forget();
  world.host(kCancel);
  world.client.release();
  world.turn();
  CHECK(world.transcript() ==
        "#2 POST S1 2025-06-18 "
        R"({"method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}})"
        "\n#1 cancelled\n");
}

TEST_CASE("a request of which nothing has left is dropped without a word") {
  World world;
  SUBCASE("it waits for the session") {
    world.host(kInitialize);
    world.host(kCall);
    world.forget();
    world.host(kCancel);
    CHECK(world.transcript().empty());
    world.json(1, R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})");
    world.host(kInitialized);
    world.reply(2, 202);
    CHECK(world.requests() == 3);  // the third is the server's own stream
  }
  SUBCASE("it waits for a connection") {
    world.open();
    world.host(kCall);
    world.request(1).body_left = false;
    world.forget();
    world.host(kCancel);
    CHECK(world.transcript() == "#1 cancelled\n");
  }
  SUBCASE("it waits to be tried again") {
    world.open();
    world.host(kCall);
    world.fail(1, base::Kind::unreachable, false);
    world.forget();
    world.host(kCancel);
    world.pass(std::chrono::minutes(1));
    CHECK(world.transcript().empty());
  }
}

TEST_CASE("cancelling what is unknown, answered or twice cancelled does nothing") {
  World world;
  world.open();
  world.host(kCancel);
  world.host(kCall);
  world.json(1, R"({"id":1,"result":{}})");
  world.forget();
  world.host(kCancel);
  world.host(R"({"method":"notifications/cancelled"})");
  world.host(R"({"method":"notifications/cancelled","params":[]})");
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":{}}})");
  CHECK(world.transcript().empty());
  world.host(kCall);
  world.host(kCancel);
  world.forget();
  world.host(kCancel);
  CHECK(world.transcript().empty());
}

TEST_CASE("initialize cannot be cancelled") {
  World world;
  world.host(kInitialize);
  world.forget();
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":0}})");
  CHECK(world.transcript().empty());
  world.json(1, R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})");
  CHECK(world.transcript() == R"(< {"id":0,"result":{"protocolVersion":"2025-06-18"}})"
                              "\n");
}

TEST_CASE("a host that spells the id differently in its cancellation is understood") {
  World world;
  world.open();
  world.host(R"({"id":"\u0041","method":"tools/list"})");
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":"A"}})");
  CHECK(world.router.unanswered() == 0);
}

TEST_CASE("leaving tells the server of what may have arrived, and of nothing else") {
  World world;
  world.open();
  world.host(kCall);
  world.host(R"({"id":2,"method":"tools/list"})");
  world.request(2).body_left = false;
  world.host(R"({"id":3,"method":"tools/list"})");
  world.json(3, R"({"id":3,"result":{}})");
  world.forget();
  world.router.abandon();
  world.turn();
  CHECK(world.requests() == 4);
  CHECK(brief(world.request(4).body()) ==
        R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK(world.request(1).cancelled());
  CHECK(world.request(2).cancelled());
  CHECK(world.transcript().find('<') == std::string::npos);
  CHECK(world.router.unanswered() == 0);
}

TEST_CASE("leaving ends the session, once") {
  World world;
  world.open();
  int left = 0;
  world.router.leave([&] { ++left; });
  CHECK(world.transcript() == "#1 DELETE S1 2025-06-18\n");
  CHECK(left == 0);
  SUBCASE("whatever the server says") { world.reply(1, 405); }
  SUBCASE("also when it says nothing") { world.fail(1, base::Kind::cut); }
  CHECK(left == 1);
}

TEST_CASE("without a session there is none to end") {
  World world;
  SUBCASE("before initialize") {}
  SUBCASE("with a server that gave none") { world.open("2025-06-18", ""); }
  int left = 0;
  world.router.leave([&] { ++left; });
  CHECK(left == 1);
  CHECK(world.transcript().empty());
}

TEST_CASE("a server that is asked to stop after our patience ended is told so") {
  World world;
  world.open();
  world.host(kCall);
  world.forget();
  world.fail(1, base::Kind::timed_out);
  CHECK(world.transcript() ==
        "#2 POST S1 2025-06-18 "
        R"({"method":"notifications/cancelled","params":{"requestId":1}})"
        "\n< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("no initialize is cancelled, nor one that another has followed") {
  World::Settings settings;
  settings.era = ServerEra::modern_only;
  World world(settings);
  world.host(kInitialize);
  world.host(R"({"id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})");
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":0}})");
  world.host(R"({"id":0,"method":"tools/list"})");  // its id is not free
  world.forget();
  world.json(1, R"({"id":"b1","error":{"code":-32601,"message":"m"}})");  // it is no such server
  CHECK(world.transcript() == "#2 POST - - " + std::string(kInitialize) + '\n');
  world.json(2, R"({"id":0,"error":{"code":-32000,"message":"m"}})");
  CHECK(world.transcript() ==
        "< {\"id\":0,\"error\":{\"code\":-32000,\"message\":\"m\"}}\n"
        "#3 POST - - {\"id\":1,\"method\":\"initialize\","
        "\"params\":{\"protocolVersion\":\"2025-06-18\"}}\n");
}

}  // namespace
}  // namespace dogpipe::bridge
