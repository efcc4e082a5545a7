// HTTP+SSE: the stream ends, and the session with it.
#include <doctest/doctest.h>

#include "http_sse_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kNext = "event: endpoint\ndata: /messages?s=2\n\n";
constexpr std::string_view kAgain = R"({"method":"notifications/initialized"})";

// The bridge's own handshake on the stream that request n has asked for.
void reopen(World& world, std::size_t n, std::string_view revision = "2024-11-05") {
  world.stream(n, kNext);
  world.reply(n + 1, 202);
  world.more(n, OldWorld::opened("{}", revision));
  if (world.requests() > n + 1) world.reply(n + 2, 202);
}

TEST_CASE("an idle stream may end: the next request opens another with the host's own bytes") {
  OldWorld world;
  world.begin(R"({"tools":{"listChanged":true}})");
  SUBCASE("it ends") { world.end(2); }
  SUBCASE("it breaks") { world.fail(2, base::Kind::cut); }
  world.pass(600s);
  CHECK(world.transcript() == "");
  CHECK(world.idle > 0);
  world.host(kCalled);
  CHECK(world.transcript() == "#5 GET - -\n");
  world.stream(5, kNext);
  CHECK(world.transcript() == post(6, kFirst));
  CHECK(world.request(6).request().url == "https://mcp.example/messages?s=2");
  world.reply(6, 202);
  world.more(5, OldWorld::opened(R"({"tools":{"listChanged":true}})"));
  CHECK(world.transcript() == post(7, kAgain));
  world.reply(7, 202);
  CHECK(world.transcript() ==
        "< "
        R"({"method":"notifications/tools/list_changed"})"
        "\n" +
            post(8, kCalled));
  world.reply(8, 202);
  world.more(5, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() ==
        "< "
        R"({"id":1,"result":{}})"
        "\n");
}

TEST_CASE("of a tool call that was accepted nobody knows the outcome when the stream ends") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.reply(5, 202);
  world.forget();
  world.end(2);
  world.pass(60s);
  CHECK(world.transcript() ==
        "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("... but a list is asked for again, once, in a new session") {
  OldWorld world;
  world.begin();
  world.host(kListed);
  world.reply(5, 202);
  world.forget();
  world.end(2);
  CHECK(world.transcript() == "");
  world.pass(2s);
  CHECK(world.transcript() == "#6 GET - -\n");
  reopen(world, 6);
  CHECK(world.transcript() == post(7, kFirst) + post(8, kAgain) + post(9, kListed));
  world.reply(9, 202);
  SUBCASE("and answered there") {
    world.more(6, event(R"({"id":2,"result":{}})"));
    CHECK(world.transcript() ==
          "< "
          R"({"id":2,"result":{}})"
          "\n");
  }
  SUBCASE("and not a third time") {
    world.end(6);
    world.pass(60s);
    CHECK(world.transcript() == "< 2: -31003 network retryable=true executed=unknown attempts=2\n");
  }
}

TEST_CASE("a tool that only reads may be called again as well") {
  OldWorld world;
  world.begin();
  world.host(kListed);
  world.reply(5, 202);
  world.more(
      2,
      event(R"({"id":2,"result":{"tools":[{"name":"a","annotations":{"readOnlyHint":true}}]}})"));
  world.host(kCalled);
  world.reply(6, 202);
  world.forget();
  world.end(2);
  world.pass(2s);
  CHECK(world.transcript() == "#7 GET - -\n");
}

TEST_CASE("a POST under way tells by its own response what became of it") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.forget();
  world.end(2);
  CHECK(world.transcript() == "");
  SUBCASE("accepted: nobody knows") {
    world.reply(5, 202);
    CHECK(world.transcript() ==
          "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
  }
  SUBCASE("refused, since the session is gone: again") {
    world.reply(5, 404);
    CHECK(world.transcript() == "#6 GET - -\n");
    reopen(world, 6);
    CHECK(world.transcript() == post(7, kFirst) + post(8, kAgain) + post(9, kCalled));
  }
  SUBCASE("not sent: again") {
    world.fail(5, base::Kind::unreachable, false);
    world.pass(2s);
    CHECK(world.transcript() == "#6 GET - -\n");
  }
  SUBCASE("answered at once") {
    world.json(5, R"({"id":1,"result":{}})");
    CHECK(world.transcript() ==
          "< "
          R"({"id":1,"result":{}})"
          "\n");
  }
}

TEST_CASE("a server that does not know its own address has lost the session") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.host(kListed);
  world.reply(6, 202);
  world.forget();
  world.reply(5, 404);
  world.turn();
  CHECK(world.transcript() == "#7 GET - -\n#2 cancelled\n");
  reopen(world, 7);
  CHECK(world.transcript() == post(8, kFirst) + post(9, kAgain) + post(10, kCalled));
}

TEST_CASE("what the server has asked in the session that is gone needs no answer") {
  OldWorld world;
  world.begin();
  world.more(2, event(R"({"id":"s","method":"sampling/createMessage","params":{}})"));
  world.end(2);
  world.forget();
  world.host(R"({"id":"s","result":{}})");
  CHECK(world.transcript() == "");
}

TEST_CASE("giving up a request whose session is gone opens no other") {
  OldWorld world;
  world.begin();
  world.host(kListed);
  world.reply(5, 202);
  world.end(2);
  world.forget();
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":2}})");
  world.pass(60s);
  CHECK(world.transcript() == "");
}

TEST_CASE("a session that cannot be opened anew is an error for each that waits") {
  OldWorld world;
  world.begin();
  world.end(2);
  world.host(kCalled);
  world.host(kListed);
  world.forget();
  const std::string errors =
      "< 1: -31012 session_lost retryable=true executed=no attempts=0\n"
      "< 2: -31012 session_lost retryable=true executed=no attempts=0\n";
  SUBCASE("no stream") {
    world.reply(5, 503);
    CHECK(replaced(world.transcript(), "attempts=1", "attempts=0") == errors);
  }
  SUBCASE("an address elsewhere") {
    world.stream(5, "event: endpoint\ndata: https://evil.example/\n\n");
    CHECK(replaced(world.transcript(), "attempts=1", "attempts=0") == "#5 cancelled\n" + errors);
  }
  SUBCASE("the stream ends before initialize is answered") {
    world.stream(5, kNext);
    world.reply(6, 202);
    world.forget();
    world.end(5);
    CHECK(replaced(world.transcript(), "attempts=1", "attempts=0") == errors);
  }
  SUBCASE("initialize is refused") {
    world.stream(5, kNext);
    world.reply(6, 202);
    world.forget();
    world.more(5, event(R"({"id":0,"error":{"code":-32000,"message":"no"}})"));
    world.turn();
    CHECK(replaced(world.transcript(), "attempts=1", "attempts=0") == errors + "#5 cancelled\n");
  }
  SUBCASE("the stream ends before initialized is accepted") {
    world.stream(5, kNext);
    world.reply(6, 202);
    world.more(5, OldWorld::opened());
    world.forget();
    world.end(5);
    CHECK(world.transcript() == "");
    world.reply(7, 404);
    CHECK(replaced(world.transcript(), "attempts=1", "attempts=0") == errors);
  }
  const std::size_t before = world.requests();
  world.host(R"({"id":3,"method":"tools/list"})");
  CHECK(world.transcript() == fmt::format("#{} GET - -\n", before + 1));
}

TEST_CASE("a stream that ends with the first initialize on it is the end of that") {
  OldWorld world;
  world.knock();
  world.stream(2, kEndpoint);
  world.forget();
  SUBCASE("accepted") { world.reply(3, 202); }
  SUBCASE("under way") {}
  world.end(2);
  world.turn();
  const std::string lines = world.transcript();
  CHECK(lines.find("< 0: -31003 network retryable=true executed=unknown attempts=1\n") == 0);
  world.host(kInitialize);
  CHECK(world.transcript() == "#4 GET - -\n");
}

TEST_CASE("a stream has no limit on silence, except the one that the user has set") {
  World::Settings settings;
  settings.patience = {.first_byte = 30s, .idle = 30s, .total = 30s, .stream_idle = 10s};
  OldWorld world(settings);
  world.begin();
  CHECK(world.request(2).request().patience.first_byte == 30s);
  CHECK(world.request(2).request().patience.idle == 0s);
  CHECK(world.request(2).request().patience.total == 0s);
  CHECK(world.request(2).request().patience.stream_idle == 0s);
  world.host(kCalled);
  world.reply(5, 202);
  world.forget();
  world.pass(9s);
  world.more(2, event(R"({"method":"notifications/message","params":{}})"));
  world.pass(9s);
  CHECK(world.transcript() ==
        "< "
        R"({"method":"notifications/message","params":{}})"
        "\n");
  world.pass(1s);
  CHECK(world.transcript() ==
        post(6, R"({"method":"notifications/cancelled","params":{"requestId":1}})") +
            "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("another revision than the host was told ends the program") {
  OldWorld world;
  world.begin();
  world.end(2);
  world.host(kListed);
  reopen(world, 5, "2025-03-26");
  CHECK(world.incompatible == 1);
}

}  // namespace
}  // namespace dogpipe::bridge
