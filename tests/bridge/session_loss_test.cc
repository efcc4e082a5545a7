// The server has forgotten the session: one new one for everybody, and nobody's answer is lost.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";
constexpr std::string_view kInitializeAgain =
    "POST - - "
    R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})"
    "\n";

// The server's answers to the bridge's own handshake, as requests n and n + 1.
void reopen(World& world, std::size_t n, std::string_view revision = "2025-06-18") {
  world.reply(n, 200, "application/json",
              full(fmt::format(R"({{"id":0,"result":{{"protocolVersion":"{}"}}}})", revision)),
              {{"Mcp-Session-Id", "S2"}});
  world.reply(n + 1, 202);
}

TEST_CASE("a lost session is opened anew with the host's own bytes, and the request repeated") {
  World world;
  world.open();
  world.host(kCall);
  world.forget();
  SUBCASE("404, empty") { world.reply(1, 404); }
  SUBCASE("404 with a message") {
    world.json(1, R"({"id":1,"error":{"code":-32001,"message":"Session not found"}})", 404);
  }
  SUBCASE("400, empty") { world.reply(1, 400); }
  SUBCASE("400 with a message about sessions") {
    world.json(1, R"({"id":null,"error":{"code":-32000,"message":"Bad: No valid Session ID"}})",
               400);
  }
  SUBCASE("401") { world.reply(1, 401); }
  CHECK(world.transcript() == "#2 " + std::string(kInitializeAgain));
  world.reply(2, 200, "application/json",
              full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
              {{"Mcp-Session-Id", "S2"}});
  CHECK(world.transcript() == R"(#3 POST S2 2025-06-18 {"method":"notifications/initialized"})"
                              "\n");
  world.reply(3, 202);
  CHECK(world.transcript() ==
        "#4 POST S2 2025-06-18 "
        R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
        "\n");
  world.json(4, R"({"id":1,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n");
}

TEST_CASE("a request is repeated once only, however often its session is lost") {
  World world;
  world.open();
  world.host(kCall);
  world.reply(1, 404);
  reopen(world, 2);
  world.forget();
  world.reply(4, 404);
  CHECK(world.transcript() ==
        "< 1: -31012 session_lost retryable=true executed=no attempts=2 httpStatus=404\n");
}

TEST_CASE("other refusals are not taken for a lost session") {
  World world;
  world.open();
  world.host(kCall);
  world.forget();
  SUBCASE("404 in HTML, from a proxy") {
    world.reply(1, 404, "text/html", "<h1>no</h1>");
    CHECK(world.transcript() ==
          "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1 "
          "httpStatus=404\n");
  }
  SUBCASE("404 for an unknown method is its answer") {
    world.json(1, R"({"id":1,"error":{"code":-32601,"message":"m"}})", 404);
    CHECK(world.transcript() == R"(< {"id":1,"error":{"code":-32601,"message":"m"}})"
                                "\n");
  }
  SUBCASE("400 with an answer that is not about sessions") {
    world.json(1, R"({"id":1,"error":{"code":-32602,"message":"bad arguments"}})", 400);
    CHECK(world.transcript() == R"(< {"id":1,"error":{"code":-32602,"message":"bad arguments"}})"
                                "\n");
  }
  SUBCASE("403") {
    world.reply(1, 403);
    CHECK(world.transcript() ==
          "< 1: -31006 http_status retryable=false executed=no attempts=1 httpStatus=403\n");
  }
  CHECK(world.requests() == 1);
}

TEST_CASE("without a session there is none to lose") {
  World world;
  world.open("2025-06-18", "");
  world.host(kCall);
  world.forget();
  SUBCASE("404") {
    world.reply(1, 404);
    CHECK(world.transcript() ==
          "< 1: -31006 http_status retryable=false executed=no attempts=1 httpStatus=404\n");
  }
  SUBCASE("401") {
    world.reply(1, 401);
    CHECK(world.transcript() ==
          "< 1: -31001 sign_in_required retryable=false executed=no attempts=1 httpStatus=401\n");
  }
  CHECK(world.requests() == 1);
}

TEST_CASE("fifty calls that lose their session share one new one, and each is answered once") {
  constexpr std::size_t kCalls = 50;
  World world;
  world.open();
  for (std::size_t i = 1; i <= kCalls; ++i) {
    world.host(fmt::format(R"({{"id":{},"method":"tools/call","params":{{"name":"a"}}}})", i));
  }
  std::size_t lost_before = kCalls;
  SUBCASE("all at once") {}
  SUBCASE("half of them while the new one is being opened") { lost_before = kCalls / 2; }
  SUBCASE("all but one when it is open already") { lost_before = 1; }
  for (std::size_t i = 1; i <= lost_before; ++i) world.reply(i, 404);
  world.host(R"({"id":"late","method":"tools/list"})");
  CHECK(world.requests() == kCalls + 1);  // initialize
  world.reply(kCalls + 1, 200, "application/json",
              full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
              {{"Mcp-Session-Id", "S2"}});
  CHECK(world.requests() == kCalls + 2);  // initialized, and nothing before it is accepted
  if (lost_before == kCalls / 2) {
    for (std::size_t i = lost_before + 1; i <= kCalls; ++i) world.reply(i, 404);
    CHECK(world.requests() == kCalls + 2);
    lost_before = kCalls;
  }
  world.reply(kCalls + 2, 202);
  CHECK(world.requests() == kCalls + 3 + lost_before);  // the repeated calls, and the late one
  for (std::size_t i = lost_before + 1; i <= kCalls; ++i) world.reply(i, 404);
  CHECK(world.requests() == 2 * kCalls + 3);
  world.forget();
  std::size_t answers = 0;
  for (std::size_t n = kCalls + 3; n <= world.requests(); ++n) {
    CHECK(world.request(n).field("Mcp-Session-Id") == "S2");
    const std::string body = brief(world.request(n).body());
    const std::string id = body.substr(0, body.find(','));
    world.json(n, id + R"(,"result":{}})");
    CHECK(world.transcript() == "< " + id + ",\"result\":{}}\n");
    ++answers;
  }
  CHECK(answers == kCalls + 1);
  CHECK(world.router.idle());
}

TEST_CASE("when no new session can be opened each request hears so, with nothing carried out") {
  World world;
  world.open();
  world.host(kCall);
  world.reply(1, 404);
  world.host(R"({"id":2,"method":"tools/list"})");
  world.forget();
  std::string reason;
  SUBCASE("the server is in trouble") {
    world.reply(2, 403);
    CHECK(world.transcript() ==
          "< 1: -31012 session_lost retryable=true executed=no attempts=1 httpStatus=403\n"
          "< 2: -31012 session_lost retryable=true executed=no attempts=1 httpStatus=403\n");
  }
  SUBCASE("the server refuses") {
    world.json(2, R"({"id":0,"error":{"code":-32602,"message":"m"}})");
    CHECK(world.transcript() ==
          "< 1: -31012 session_lost retryable=true executed=no attempts=1\n"
          "< 2: -31012 session_lost retryable=true executed=no attempts=0\n");
  }
  SUBCASE("it is the credential") {
    world.reply(2, 401);
    CHECK(world.transcript() ==
          "< 1: -31001 sign_in_required retryable=true executed=no attempts=1 httpStatus=401\n"
          "< 2: -31001 sign_in_required retryable=true executed=no attempts=1 httpStatus=401\n");
  }
  // The next request tries again.
  world.host(R"({"id":3,"method":"tools/list"})");
  CHECK(world.transcript() == "#3 " + std::string(kInitializeAgain));
  reopen(world, 3);
  CHECK(world.transcript() == R"(#4 POST S2 2025-06-18 {"method":"notifications/initialized"})"
                              "\n"
                              R"(#5 POST S2 2025-06-18 {"id":3,"method":"tools/list"})"
                              "\n");
}

TEST_CASE("a server that loses every session is not asked more than three times a minute") {
  World world;
  world.open();
  std::size_t n = 0;
  for (int i = 1; i <= 3; ++i) {
    world.host(fmt::format(R"({{"id":{},"method":"tools/list"}})", i));
    world.reply(++n, 404);
    reopen(world, n + 1);
    n += 3;  // initialize, initialized, the repeated request
    world.json(n, fmt::format(R"({{"id":{},"result":{{}}}})", i));
  }
  world.host(R"({"id":4,"method":"tools/list"})");
  world.forget();
  world.reply(++n, 404);
  CHECK(world.transcript() == "< 4: -31012 session_lost retryable=true executed=no attempts=1\n");
  world.host(R"({"id":5,"method":"tools/list"})");
  CHECK(world.transcript() == "< 5: -31012 session_lost retryable=true executed=no attempts=0\n");
  world.pass(std::chrono::seconds(61));
  world.host(R"({"id":6,"method":"tools/list"})");
  CHECK(world.transcript() == fmt::format("#{} ", n + 1) + std::string(kInitializeAgain));
}

TEST_CASE("a new session is told what the old one knew, and the host that lists may have changed") {
  World world;
  world.open("2025-06-18", "S1",
             R"({"tools":{"listChanged":true},"prompts":{},"resources":{"listChanged":true}})");
  world.host(R"({"id":1,"method":"logging/setLevel","params":{"level":"info"}})");
  world.json(1, R"({"id":1,"result":{}})");
  world.host(R"({"id":2,"method":"resources/subscribe","params":{"uri":"a"}})");
  world.json(2, R"({"id":2,"result":{}})");
  world.host(R"({"id":3,"method":"resources/subscribe","params":{"uri":"b"}})");
  world.json(3, R"({"id":3,"result":{}})");
  world.host(R"({"id":4,"method":"resources/unsubscribe","params":{"uri":"a"}})");
  world.json(4, R"({"id":4,"result":{}})");
  world.host(R"({"id":5,"method":"tools/list"})");
  world.reply(5, 404);
  world.reply(
      6, 200, "application/json",
      full(
          R"({"id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true}}}})"),
      {{"Mcp-Session-Id", "S2"}});
  world.forget();
  world.reply(7, 202);
  CHECK(world.transcript() ==
        "#8 POST S2 2025-06-18 "
        R"({"id":1,"method":"logging/setLevel","params":{"level":"info"}})"
        "\n");
  world.json(8, R"({"id":1,"result":{}})");
  CHECK(world.transcript() ==
        "#9 POST S2 2025-06-18 "
        R"({"id":3,"method":"resources/subscribe","params":{"uri":"b"}})"
        "\n");
  SUBCASE("the server takes it") { world.json(9, R"({"id":3,"result":{}})"); }
  SUBCASE("the server does not: the session works without") { world.reply(9, 403); }
  CHECK(world.transcript() == R"(< {"method":"notifications/tools/list_changed"})"
                              "\n"
                              R"(#10 POST S2 2025-06-18 {"id":5,"method":"tools/list"})"
                              "\n");
}

TEST_CASE("a new session of another revision needs a new bridge") {
  World world;
  world.open();
  world.host(kCall);
  world.reply(1, 404);
  CHECK(world.incompatible == 0);
  reopen(world, 2, "2025-03-26");
  CHECK(world.incompatible == 1);
}

TEST_CASE("a call that waits for the new session can still be cancelled") {
  World world;
  world.open();
  world.host(kCall);
  world.reply(1, 404);
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  world.forget();
  reopen(world, 2);
  CHECK(world.transcript().find("tools/call") == std::string::npos);
  CHECK(world.router.unanswered() == 0);
}

}  // namespace
}  // namespace dogpipe::bridge
