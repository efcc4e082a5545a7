// What the server says, and what of it reaches the host.
#include <doctest/doctest.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kCall = R"({"id":1,"method":"tools/call","params":{"name":"a"}})";

// An open session with one tool call sent.
struct Called : World {
  explicit Called(const Settings& settings = {}) : World(settings) {
    open();
    host(kCall);
    forget();
  }
};

TEST_CASE("a JSON answer crosses byte for byte, but on one line") {
  Called world;
  SUBCASE("as it is") {
    world.json(1, R"({"id":1, "result":{"x":0.30000000000000004,"y":1e400,"z":"\ud800"},"_":1})");
    CHECK(world.transcript() ==
          R"(< {"id":1, "result":{"x":0.30000000000000004,"y":1e400,"z":"\ud800"},"_":1})"
          "\n");
  }
  SUBCASE("in many lines") {
    world.json(1, "{\"id\":1,\r\n  \"result\":\n{\"x\": \"a  b\"}}\n");
    CHECK(world.transcript() == R"(< {"id":1,"result":{"x":"a  b"}})"
                                "\n");
  }
  SUBCASE("in many pieces") {
    world.request(1).head(200, "application/json; charset=utf-8");
    for (const char c : full(R"({"id":1,"result":{}})")) world.request(1).data({&c, 1});
    world.end(1);
    CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                                "\n");
  }
  CHECK(world.router.idle());
}

TEST_CASE("an event stream brings progress, then the answer, in that order") {
  Called world;
  const std::string stream = event(R"({"method":"notifications/progress","params":{"n":1}})") +
                             event(R"({"method":"notifications/message","params":{}})");
  world.stream(1, stream);
  CHECK(world.transcript() == R"(< {"method":"notifications/progress","params":{"n":1}})"
                              "\n"
                              R"(< {"method":"notifications/message","params":{}})"
                              "\n");
  world.more(1, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n#1 cancelled\n");
  CHECK(world.router.idle());
}

TEST_CASE("an event in several data lines becomes one line") {
  Called world;
  world.stream(1, "data: {\"jsonrpc\":\"2.0\",\ndata: \"id\":1,\ndata: \"result\":{}}\n\n");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n#1 cancelled\n");
}

TEST_CASE("events of another type, comments and priming events are passed over") {
  Called world;
  world.stream(1, ": hello\n\nid: 1\ndata:\n\nevent: other\n" + event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript().empty());
  world.more(1, "event: message\n" + event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n#1 cancelled\n");
}

TEST_CASE("the host gets its own spelling of the id back") {
  World world;
  world.open();
  const struct {
    std::string_view host, server;
  } spellings[] = {{"1.0", "1"},
                   {"9007199254740993", "9007199254740992"},
                   {R"("\u00e9")", "\"\xc3\xa9\""},
                   {"1e2", "100"}};
  std::size_t n = 0;
  for (const auto& spelling : spellings) {
    world.host(R"({"id":)" + std::string(spelling.host) + R"(,"method":"tools/list"})");
    world.forget();
    world.json(++n, R"({"result":{"a":[1, 2]},"id":)" + std::string(spelling.server) +
                        R"(,"jsonrpc":"2.0"})");
    CHECK(world.transcript() == R"(< {"result":{"a":[1, 2]},"id":)" + std::string(spelling.host) +
                                    R"(,"jsonrpc":"2.0"})"
                                    "\n");
  }
}

TEST_CASE("an answer to another request is dropped, and the right one still counts") {
  Called world;
  world.host(R"({"id":2,"method":"tools/list"})");
  world.forget();
  world.stream(1, event(R"({"id":2,"result":{"stolen":true}})") +
                      event(R"({"id":"1","result":{}})") + event(R"({"id":99,"result":{}})"));
  CHECK(world.transcript().empty());
  world.more(1, event(R"({"id":1,"result":{"first":true}})") + event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() == R"(< {"id":1,"result":{"first":true}})"
                              "\n#1 cancelled\n");
  world.json(2, R"({"id":2,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":2,"result":{}})"
                              "\n");
}

TEST_CASE("an error without an id on a request's own stream is its answer") {
  Called world;
  SUBCASE("null") { world.json(1, R"({"id":null,"error":{"code":-32700,"message":"m"}})"); }
  SUBCASE("absent") {
    world.stream(1, event(R"({"error":{"code":-32700,"message":"m"},"id":null})"));
  }
  const std::string answer = world.transcript();
  CHECK(answer.find(R"("id":1)") != std::string::npos);
  CHECK(answer.find(R"("error":{"code":-32700,"message":"m"})") != std::string::npos);
  CHECK(world.router.idle());
}

TEST_CASE("a result needs an id to be anybody's") {
  Called world;
  world.json(1, R"({"id":null,"result":{}})");
  CHECK(world.transcript() ==
        "< 1: -31011 malformed retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("a request that is only accepted is answered by us") {
  SUBCASE("a tool call may have been carried out") {
    Called world;
    SUBCASE("202") { world.reply(1, 202); }
    SUBCASE("200, empty JSON") { world.reply(1, 200, "application/json"); }
    CHECK(world.transcript().substr(0, 57) ==
          "< 1: -31009 outcome_unknown retryable=false executed=unkn");
  }
  SUBCASE("a list was not") {
    World world;
    world.open();
    world.host(R"({"id":1,"method":"tools/list"})");
    world.forget();
    world.reply(1, 202);
    CHECK(world.transcript() ==
          "< 1: -31011 malformed retryable=false executed=unknown attempts=1 httpStatus=202\n");
  }
}

TEST_CASE("a web page is no answer, and nothing of it is passed on") {
  Called world;
  world.reply(1, 200, "text/html", "<h1>Sign in to the airport's network</h1>");
  CHECK(world.transcript() ==
        "< 1: -31006 http_status retryable=false executed=unknown attempts=1 httpStatus=200\n");
}

TEST_CASE("an answer that is no JSON is malformed") {
  Called world;
  world.reply(1, 200, "application/json", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}");
  CHECK(world.transcript() ==
        "< 1: -31011 malformed retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("an array of 2025-03-26 on one stream is taken apart") {
  World world;
  world.open("2025-03-26");
  world.host(kCall);
  world.forget();
  world.json(1, R"([{"method":"notifications/progress","params":{}}, {"id":2,"result":{}},
                    {"id":1,"result":{}},{"id":1,"result":{"second":1}}])");
  CHECK(world.transcript() == R"(< {"method":"notifications/progress","params":{}})"
                              "\n"
                              R"(< {"id":1,"result":{}})"
                              "\n");
}

TEST_CASE("a message beyond the limit is refused with its size, and its transfer ended") {
  World::Settings settings;
  settings.longest_message = 100;
  Called world(settings);
  const std::string large = R"({"id":1,"result":")" + std::string(200, 'x') + "\"}";
  SUBCASE("JSON") {
    world.json(1, large);
    CHECK(world.transcript() ==
          "< 1: -31010 too_large retryable=false executed=unknown attempts=1\n");
  }
  SUBCASE("an event") {
    world.stream(1, event(large));
    CHECK(world.transcript() ==
          "< 1: -31010 too_large retryable=false executed=unknown attempts=1\n");
  }
  SUBCASE("what fits is passed on before") {
    world.stream(1, event(R"({"method":"m"})") + event(large));
    CHECK(world.transcript() ==
          R"(< {"method":"m"})"
          "\n< 1: -31010 too_large retryable=false executed=unknown attempts=1\n");
  }
  CHECK(world.request(1).ended());
}

TEST_CASE("a request of the server reaches the host, and the host's response the server, once") {
  Called world;
  world.stream(1, event(R"({"id":"s1","method":"sampling/createMessage","params":{}})"));
  CHECK(world.transcript() == R"(< {"id":"s1","method":"sampling/createMessage","params":{}})"
                              "\n");
  world.host(R"({"id":"s2","result":{}})");
  CHECK(world.transcript().empty());
  world.host(R"({"id":"s1","result":{"role":"assistant"}})");
  CHECK(world.transcript() == R"(#2 POST S1 2025-06-18 {"id":"s1","result":{"role":"assistant"}})"
                              "\n");
  world.reply(2, 202);
  world.host(R"({"id":"s1","result":{"role":"assistant"}})");
  CHECK(world.transcript().empty());
}

TEST_CASE("a host's error answers a request of the server too") {
  Called world;
  world.stream(1, event(R"({"id":5,"method":"roots/list"})"));
  world.forget();
  world.host(R"({"id":5,"error":{"code":-1,"message":"no"}})");
  CHECK(world.transcript() == R"(#2 POST S1 2025-06-18 {"id":5,"error":{"code":-1,"message":"no"}})"
                              "\n");
}

TEST_CASE("a notification that fails is nobody's answer") {
  World world;
  world.open();
  world.host(R"({"method":"notifications/roots/list_changed"})");
  world.forget();
  SUBCASE("refused") { world.reply(1, 500); }
  SUBCASE("refused with a message") {
    world.json(1, R"({"id":null,"error":{"code":-1,"message":"m"}})", 400);
  }
  SUBCASE("cut") { world.fail(1, base::Kind::cut); }
  CHECK(world.transcript().empty());
  CHECK(world.router.idle());
}

}  // namespace
}  // namespace dogpipe::bridge
