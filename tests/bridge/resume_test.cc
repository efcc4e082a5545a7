// Event streams that break off and go on elsewhere, and the server's own stream.
#include <doctest/doctest.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";

struct Called : World {
  Called() {
    open();
    host(kCall);
    forget();
  }
};

TEST_CASE("a stream that broke off is resumed after its last event, and the answer comes there") {
  Called world;
  world.stream(1, "retry: 3000\nid: e1\ndata:\n\nid: e2\n" +
                      event(R"({"method":"notifications/progress","params":{}})") +
                      "id: e3\ndata: unfinished");
  world.forget();
  SUBCASE("by the server") { world.end(1); }
  SUBCASE("by the network") { world.fail(1, base::Kind::cut); }
  world.pass(2999ms);
  CHECK(world.transcript().empty());
  world.pass(1ms);
  CHECK(world.transcript() == "#2 GET S1 2025-06-18 last=e2\n");
  CHECK(world.request(2).field("Accept") == "text/event-stream");
  world.stream(2, "id: e3\n" + event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n#2 cancelled\n");
}

TEST_CASE("a server that answers by polling is polled as long as it likes") {
  Called world;
  world.stream(1, "retry: 500\nid: p0\ndata:\n\n");
  world.end(1);
  for (std::size_t n = 2; n < 20; ++n) {
    world.pass(500ms);
    REQUIRE(world.requests() == n);
    world.stream(n, "id: p" + std::to_string(n) + "\ndata:\n\n");
    world.end(n);
  }
  world.forget();
  world.pass(500ms);
  CHECK(world.transcript() == "#20 GET S1 2025-06-18 last=p19\n");
  world.json(20, R"({"id":1,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n");
}

TEST_CASE("a server that wishes no pause still gets one") {
  Called world;
  world.stream(1, "retry: 0\nid: p0\ndata:\n\n");
  world.end(1);
  CHECK(world.loop.next_wait() == 100ms);
}

TEST_CASE("without an event id there is nothing to resume") {
  Called world;
  world.stream(1, event(R"({"method":"notifications/progress","params":{}})"));
  world.forget();
  world.fail(1, base::Kind::cut);
  CHECK(world.transcript() ==
        "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
  CHECK_FALSE(world.loop.waits_for_a_timer());
}

TEST_CASE("a list whose stream has shown nothing yet is asked for once more") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"tools/list"})");
  world.stream(1, ": comment\n\n");
  world.fail(1, base::Kind::cut);
  world.pass(2s);
  CHECK(world.requests() == 2);
}

TEST_CASE("a list whose progress the host has seen is not asked for again") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"tools/list"})");
  world.stream(1, event(R"({"method":"notifications/progress","params":{}})"));
  world.forget();
  world.fail(1, base::Kind::cut);
  CHECK(world.transcript() == "< 1: -31003 network retryable=true executed=unknown attempts=1\n");
}

TEST_CASE("a stream that cannot be resumed leaves the outcome unknown") {
  Called world;
  world.stream(1, "retry: 500\nid: e1\ndata:\n\n");
  world.end(1);
  world.pass(500ms);
  world.forget();
  SUBCASE("405") { world.reply(2, 405); }
  SUBCASE("404") { world.reply(2, 404); }
  CHECK(world.transcript() ==
        "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("a stream is resumed again when the network failed, within the budget") {
  Called world;
  world.stream(1, "retry: 500\nid: e1\ndata:\n\n");
  world.end(1);
  for (std::size_t n = 2; n <= 11; ++n) {
    world.pass(60s);
    REQUIRE(world.requests() == n);
    world.fail(n, base::Kind::unreachable, false);
  }
  world.pass(60s);
  world.forget();
  world.fail(12, base::Kind::unreachable, false);
  CHECK(world.transcript() ==
        "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("cancelling ends the wait for a resumption") {
  Called world;
  world.stream(1, "retry: 500\nid: e1\ndata:\n\n");
  world.end(1);
  world.forget();
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  world.pass(1min);
  CHECK(world.transcript() ==
        "#2 POST S1 2025-06-18 "
        R"({"method":"notifications/cancelled","params":{"requestId":1}})"
        "\n");
}

// ---- the server's own stream; request 3 of the handshake

TEST_CASE("what the server says of its own accord reaches the host, but no answers") {
  World world;
  world.open_with_stream();
  world.host(kCall);
  world.forget();
  world.stream(3, event(R"({"method":"notifications/tools/list_changed"})") +
                      event(R"({"id":"s","method":"roots/list"})") +
                      event(R"({"id":1,"result":{"forged":true}})"));
  CHECK(world.transcript() == R"(< {"method":"notifications/tools/list_changed"})"
                              "\n"
                              R"(< {"id":"s","method":"roots/list"})"
                              "\n");
  world.json(4, R"({"id":1,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n");
}

TEST_CASE("a server that offers no stream is not asked again, also not in a new session") {
  World world;
  world.open_with_stream();
  world.reply(3, 405);
  world.pass(10min);
  CHECK(world.transcript().empty());
  world.host(R"({"id":1,"method":"tools/list"})");
  world.reply(4, 404);
  world.reply(5, 200, "application/json",
              full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
              {{"Mcp-Session-Id", "S2"}});
  world.forget();
  world.reply(6, 202);
  CHECK(world.transcript() == R"(#7 POST S2 2025-06-18 {"id":1,"method":"tools/list"})"
                              "\n");
}

TEST_CASE("a stream that breaks is opened again, ever more slowly, from its last event") {
  World world;
  world.open_with_stream();
  world.stream(3, "id: g1\n" + event(R"({"method":"m"})"));
  world.forget();
  world.end(3);
  CHECK(world.loop.next_wait() >= 1s);
  CHECK(world.loop.next_wait() <= 2s);
  world.pass(2s);
  CHECK(world.transcript() == "#4 GET S1 2025-06-18 last=g1\n");
  for (std::size_t n = 4; n < 12; ++n) {
    world.fail(n, base::Kind::unreachable, false);
    CHECK(world.loop.next_wait() >= 1s);
    CHECK(world.loop.next_wait() <= 60s);
    world.pass(1min);
    REQUIRE(world.requests() == n + 1);
  }
}

TEST_CASE("the reconnection time of the stream is kept, but not below a second") {
  World world;
  world.open_with_stream();
  SUBCASE("long") {
    world.stream(3, "retry: 90000\n\n");
    world.end(3);
    CHECK(world.loop.next_wait() == 90s);
  }
  SUBCASE("short") {
    world.stream(3, "retry: 1\n\n");
    world.end(3);
    CHECK(world.loop.next_wait() == 1s);
  }
}

TEST_CASE("a new session opens a new stream, without the old one's events") {
  World world;
  world.open_with_stream();
  world.stream(3, "id: old\n" + event(R"({"method":"m"})"));
  world.end(3);
  world.forget();
  world.pass(2s);
  CHECK(world.transcript() == "#4 GET S1 2025-06-18 last=old\n");
  world.host(R"({"id":1,"method":"tools/list"})");
  world.reply(5, 404);
  CHECK(world.request(4).cancelled());
  world.reply(6, 200, "application/json",
              full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
              {{"Mcp-Session-Id", "S2"}});
  world.forget();
  world.reply(7, 202);
  CHECK(world.transcript() ==
        "#8 GET S2 2025-06-18\n"
        R"(#9 POST S2 2025-06-18 {"id":1,"method":"tools/list"})"
        "\n");
}

TEST_CASE("revisions before 2025-03-26 have no stream to ask for") {
  World world;
  world.open_with_stream("2024-11-05");
  CHECK(world.requests() == 2);
}

}  // namespace
}  // namespace dogpipe::bridge
