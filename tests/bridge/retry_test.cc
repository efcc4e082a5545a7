// Requests that fail, and which of them are sent again.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";
constexpr std::string_view kSentAgain =
    "POST S1 2025-06-18 "
    R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
    "\n";

// An open session, with the tools `a`, which hints at nothing, and `r` and `i`, which may be
// repeated.
struct Opened : World {
  explicit Opened(const Settings& settings = {}) : World(settings) {
    open();
    host(R"({"id":0,"method":"tools/list"})");
    json(1, R"({"id":0,"result":{"tools":[{"name":"a"},
                {"name":"r","annotations":{"readOnlyHint":true}},
                {"name":"i","annotations":{"title":"x","idempotentHint":true}}]}})");
    restart_count();
  }
};

TEST_CASE("a tool call that was cut off is not repeated, and its outcome is said to be unknown") {
  Opened world;
  world.host(kCall);
  world.forget();
  std::string status;
  SUBCASE("without an answer") { world.fail(1, base::Kind::cut); }
  SUBCASE("in the middle of an answer") {
    world.request(1).head(200, "application/json");
    world.request(1).data(R"({"jsonrpc":"2.0","id":1,)");
    world.fail(1, base::Kind::cut);
  }
  SUBCASE("502") {
    world.reply(1, 502, "text/html", "bad gateway");
    status = " httpStatus=502";
  }
  SUBCASE("503 in HTML") {
    world.reply(1, 503, "text/html", "bad gateway");
    status = " httpStatus=503";
  }
  SUBCASE("a stream that ends without an answer") {
    world.stream(1, "");
    world.end(1);
  }
  CHECK(world.transcript() ==
        "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1" + status + "\n");
  world.pass(1min);
  CHECK(world.requests() == 1);
}

TEST_CASE("a call of a tool that may be repeated is repeated once") {
  for (const std::string name : {"r", "i"}) {
    CAPTURE(name);
    Opened world;
    world.host(R"({"id":1,"method":"tools/call","params":{"name":")" + name + "\"}}");
    world.fail(1, base::Kind::cut);
    CHECK(world.requests() == 1);
    CHECK(world.loop.next_wait() >= 200ms);
    CHECK(world.loop.next_wait() <= 2s);
    world.pass(2s);
    REQUIRE(world.requests() == 2);
    world.forget();
    world.fail(2, base::Kind::cut);
    CHECK(world.transcript() == "< 1: -31003 network retryable=true executed=unknown attempts=2\n");
    world.pass(1min);
    CHECK(world.requests() == 2);
  }
}

TEST_CASE("a repeated call is answered") {
  Opened world;
  world.host(R"({"id":1,"method":"tools/call","params":{"name":"r"}})");
  world.fail(1, base::Kind::cut);
  world.pass(2s);
  REQUIRE(world.requests() == 2);
  world.forget();
  world.json(2, R"({"id":1,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n");
}

TEST_CASE("hints count only while the list stands, and only from a server that is trusted") {
  SUBCASE("the list has changed") {
    Opened world;
    world.host(R"({"id":7,"method":"tools/call","params":{"name":"a"}})");
    world.stream(1, event(R"({"method":"notifications/tools/list_changed"})") +
                        event(R"({"id":7,"result":{}})"));
    world.host(R"({"id":1,"method":"tools/call","params":{"name":"r"}})");
    CHECK_FALSE(world.request(2).request().may_resend);
  }
  SUBCASE("the server is anybody's") {
    World::Settings settings;
    settings.trust_hints = false;
    Opened world(settings);
    world.host(R"({"id":1,"method":"tools/call","params":{"name":"r"}})");
    CHECK_FALSE(world.request(1).request().may_resend);
  }
  SUBCASE("otherwise they do") {
    Opened world;
    world.host(R"({"id":1,"method":"tools/call","params":{"name":"r"}})");
    CHECK(world.request(1).request().may_resend);
  }
}

TEST_CASE("what has surely not been sent is tried three times, also a tool call") {
  Opened world;
  world.host(kCall);
  for (std::size_t attempt = 1; attempt < 3; ++attempt) {
    world.fail(attempt, base::Kind::unreachable, false);
    CHECK(world.loop.next_wait() >= 200ms);
    CHECK(world.loop.next_wait() <= 2s);
    world.forget();
    world.pass(2s);
    CHECK(world.transcript() == fmt::format("#{} ", attempt + 1) + std::string(kSentAgain));
  }
  world.fail(3, base::Kind::unreachable, false);
  CHECK(world.transcript() == "< 1: -31003 network retryable=true executed=no attempts=3\n");
  world.pass(1min);
  CHECK(world.requests() == 3);
}

TEST_CASE(
    "a pause that the server asks for holds everybody back, and the request is repeated once") {
  Opened world;
  world.host(kCall);
  world.forget();
  world.reply(1, 429, "", "", {{"Retry-After", "7"}});
  CHECK(world.loop.next_wait() == 7s);
  world.host(R"({"id":2,"method":"tools/list"})");
  world.pass(6999ms);
  CHECK(world.transcript().empty());
  world.pass(1ms);
  const std::string sent = world.transcript();
  CHECK(sent.find(kSentAgain) != std::string::npos);
  CHECK(sent.find(R"({"id":2,"method":"tools/list"})") != std::string::npos);
  world.request(2).answer(429, "", "", {{"Retry-After", "7"}});
  world.turn();
  CHECK(world.transcript() ==
        "< 1: -31007 rate_limited retryable=true executed=no attempts=2 retryAfterMs=7000 "
        "httpStatus=429\n");
}

TEST_CASE("a pause of more than 30 s is the client's to wait for") {
  Opened world;
  world.host(kCall);
  world.forget();
  world.reply(1, 429, "", "", {{"Retry-After", "31"}});
  CHECK(world.transcript() ==
        "< 1: -31007 rate_limited retryable=true executed=no attempts=1 retryAfterMs=31000 "
        "httpStatus=429\n");
  // ... and nobody else is held back.
  world.host(R"({"id":2,"method":"tools/list"})");
  CHECK(world.requests() == 2);
}

TEST_CASE("an overloaded server that says so in JSON-RPC has refused the request") {
  Opened world;
  world.host(kCall);
  world.forget();
  world.reply(1, 503, "application/json",
              full(R"({"id":null,"error":{"code":-32000,"message":"overloaded"}})"),
              {{"Retry-After", "1"}});
  CHECK(world.transcript().empty());
  world.pass(1s);
  CHECK(world.transcript() == "#2 " + std::string(kSentAgain));
  // The second time its word is the answer.
  world.json(2, R"({"id":1,"error":{"code":-32000,"message":"overloaded"}})", 503);
  CHECK(world.transcript() == R"(< {"id":1,"error":{"code":-32000,"message":"overloaded"}})"
                              "\n");
}

TEST_CASE("a retry that would end after the deadline is not made") {
  World::Settings settings;
  settings.patience.total = 5s;
  Opened world(settings);
  world.host(kCall);
  world.forget();
  world.reply(1, 429, "", "", {{"Retry-After", "6"}});
  CHECK(world.transcript() ==
        "< 1: -31007 rate_limited retryable=true executed=no attempts=1 retryAfterMs=6000 "
        "httpStatus=429\n");
}

TEST_CASE("many requests to a failing server do not multiply") {
  Opened world;
  for (int i = 1; i <= 30; ++i) {
    world.host(fmt::format(R"({{"id":{},"method":"tools/list"}})", i));
  }
  for (std::size_t n = 1; n <= 30; ++n) world.fail(n, base::Kind::unreachable, false);
  world.pass(1min);
  CHECK(world.requests() == 40);  // the budget of ten retries
}

TEST_CASE("what would fail the same way again is not tried again") {
  for (const base::Kind kind : {base::Kind::untrusted, base::Kind::forbidden, base::Kind::usage}) {
    Opened world;
    world.host(R"({"id":1,"method":"tools/list"})");
    world.forget();
    world.fail(1, kind, false);
    const std::string answer = world.transcript();
    CHECK(answer.find("retryable=false executed=no attempts=1\n") != std::string::npos);
    CHECK_FALSE(world.loop.waits_for_a_timer());
  }
}

}  // namespace
}  // namespace dogpipe::bridge
