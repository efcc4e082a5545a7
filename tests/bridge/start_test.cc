// From the first line of the host to an open session, and what is refused on the way.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kResult =
    R"({"id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})";

TEST_CASE("pipelined messages leave in order, and the later ones carry session and revision") {
  World world;
  world.host(kInitialize);
  world.host(kInitialized);
  world.host(R"({"id":1,"method":"tools/list"})");
  CHECK(world.transcript() ==
        "#1 POST - - "
        R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})"
        "\n");
  world.reply(1, 200, "application/json", full(kResult), {{"mcp-session-id", "S1"}});
  CHECK(world.transcript() ==
        R"(< {"id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})"
        "\n"
        R"(#2 POST S1 2025-06-18 {"method":"notifications/initialized"})"
        "\n");
  world.reply(2, 202);
  CHECK(world.transcript() ==
        "#3 GET S1 2025-06-18\n"
        R"(#4 POST S1 2025-06-18 {"id":1,"method":"tools/list"})"
        "\n");
  world.json(4, R"({"id":1,"result":{"tools":[]}})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{"tools":[]}})"
                              "\n");
  CHECK(world.idle > 0);
}

TEST_CASE("requests go out with the fields of the transport") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"tools/list"})");
  const auto& request = world.request(1);
  CHECK(request.request().url == "https://mcp.example/v1/mcp");
  CHECK(request.field("Accept") == "application/json, text/event-stream");
  CHECK(request.field("Content-Type") == "application/json");
  CHECK(request.field("User-Agent").substr(0, 8) == "dogpipe/");
  CHECK(request.request().may_resend);
  world.host(R"({"id":2,"method":"tools/call","params":{"name":"delete"}})");
  CHECK_FALSE(world.request(2).request().may_resend);
}

TEST_CASE("a server without sessions is sent none") {
  World world;
  world.host(kInitialize);
  world.json(1, kResult);
  world.forget();
  world.host(kInitialized);
  CHECK(world.transcript() == R"(#2 POST - 2025-06-18 {"method":"notifications/initialized"})"
                              "\n");
}

TEST_CASE("a session id that may not stand in a header is ignored") {
  World world;
  world.host(kInitialize);
  world.reply(1, 200, "application/json", full(kResult), {{"Mcp-Session-Id", "a b"}});
  world.forget();
  world.host(kInitialized);
  CHECK(world.transcript() == R"(#2 POST - 2025-06-18 {"method":"notifications/initialized"})"
                              "\n");
}

TEST_CASE("a ping is answered at once, also while initialize hangs") {
  World world;
  world.host(R"({"id":"p","method":"ping"})");
  CHECK(world.transcript() == R"(< {"id":"p","result":{}})"
                              "\n");
  world.host(kInitialize);
  world.host(R"({"id":1,"method":"ping"})");
  CHECK(world.transcript() ==
        "#1 POST - - "
        R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})"
        "\n"
        R"(< {"id":1,"result":{}})"
        "\n");
}

TEST_CASE("a request before initialize is refused, and nothing is sent") {
  World world;
  world.host(R"({"id":1,"method":"tools/list"})");
  world.host(R"({"method":"notifications/roots/list_changed"})");
  CHECK(world.transcript() ==
        "< 1: -32600 not_initialized retryable=false executed=no attempts=0\n");
}

TEST_CASE("what waited for an initialize that fails is answered too") {
  World world;
  world.host(kInitialize);
  world.host(kInitialized);
  world.host(R"({"id":1,"method":"tools/list"})");
  world.forget();
  SUBCASE("by the server's own error") {
    world.json(1, R"({"id":0,"error":{"code":-32602,"message":"no"}})");
    CHECK(world.transcript() ==
          R"(< {"id":0,"error":{"code":-32602,"message":"no"}})"
          "\n< 1: -32600 not_initialized retryable=false executed=no attempts=0\n");
  }
  SUBCASE("by its status") {
    world.reply(1, 403);
    CHECK(world.transcript() ==
          "< 0: -31006 http_status retryable=false executed=no attempts=1 httpStatus=403\n"
          "< 1: -32600 not_initialized retryable=false executed=no attempts=0\n");
  }
  // The host may try again.
  world.host(kInitialize);
  world.forget();
  world.json(2, kResult);
  CHECK(world.transcript() == "< " + std::string(kResult) + '\n');
}

TEST_CASE("a host that begins anew gets a new session") {
  World world;
  world.open();
  world.host(kInitialize);
  CHECK(world.transcript() ==
        "#1 POST - - "
        R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})"
        "\n");
  world.host(R"({"id":1,"method":"tools/list"})");
  CHECK(world.transcript().empty());
  world.reply(1, 200, "application/json", full(kResult), {{"Mcp-Session-Id", "S2"}});
  world.forget();
  CHECK(world.request(2).field("Mcp-Session-Id") == "S2");
  CHECK(world.requests() == 2);
}

TEST_CASE("a host that begins anew and is refused has no session, not the old one") {
  World world;
  world.open();
  world.host(kInitialize);
  world.json(1, R"({"id":0,"error":{"code":-32602,"message":"no"}})");
  world.forget();
  world.host(R"({"id":1,"method":"tools/list"})");
  CHECK(world.transcript() ==
        "< 1: -32600 not_initialized retryable=false executed=no attempts=0\n");
}

TEST_CASE("an id that is in flight may not be used again") {
  World world;
  SUBCASE("newer hosts are told so without an id") {
    world.open("2025-11-25");
    world.host(R"({"id":1,"method":"tools/list"})");
    world.host(R"({"id":1,"method":"tools/list"})");
    CHECK(world.transcript() == R"(#1 POST S1 2025-11-25 {"id":1,"method":"tools/list"})"
                                "\n< -: -32600 duplicateOf=1\n");
  }
  SUBCASE("older ones only on stderr") {
    world.open("2025-06-18");
    world.host(R"({"id":1,"method":"tools/list"})");
    world.host(R"({"id":1,"method":"tools/list"})");
    CHECK(world.transcript() == R"(#1 POST S1 2025-06-18 {"id":1,"method":"tools/list"})"
                                "\n");
  }
  // The first is unharmed, and afterwards the id is free.
  world.json(1, R"({"id":1,"result":{}})");
  world.forget();
  world.host(R"({"id":1,"method":"tools/list"})");
  CHECK(world.requests() == 2);
}

TEST_CASE("server/discover is declined where the server opens with initialize") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"server/discover"})");
  CHECK(world.transcript() == "< 1: -32601\n");
}

TEST_CASE("more than 1024 requests under way are refused, not queued") {
  World world;
  world.open();
  for (int i = 0; i < 1024; ++i) world.host(fmt::format(R"({{"id":{},"method":"tools/list"}})", i));
  CHECK(world.requests() == 1024);
  world.forget();
  world.host(R"({"id":"one more","method":"tools/list"})");
  CHECK(world.transcript() == "< one more: -31007 busy retryable=true executed=no attempts=0\n");
  world.json(1, R"({"id":0,"result":{}})");
  world.forget();
  world.host(R"({"id":"one more","method":"tools/list"})");
  CHECK(world.requests() == 1025);
}

TEST_CASE("lines that cannot be read are answered where they have an id") {
  World::Settings settings;
  settings.longest_line = 200;
  World world(settings);
  world.open("2025-11-25");
  world.host(R"({"id":7,"method":3})");
  world.host("no JSON");
  world.host(fmt::format(R"({{"id":8,"method":"tools/call","params":"{:x>300}"}})", ""));
  CHECK(world.transcript() == "< 7: -32600\n< -: -32700\n< 8: -31010\n");
  world.host(R"({"id":9,"method":"ping"})");
  CHECK(world.transcript() == R"(< {"id":9,"result":{}})"
                              "\n");
}

}  // namespace
TEST_CASE("an invalid message with the id of a request under way answers nobody") {
  World world;
  world.open();
  world.host(R"({"id":2,"method":"tools/call"})");
  world.forget();
  world.host(R"({"id":2,"method":5})");
  CHECK(world.transcript() == "");
  world.json(1, R"({"id":2,"result":{}})");
  CHECK(world.transcript() == R"(< {"id":2,"result":{}})"
                              "\n");
}

TEST_CASE("only what may wait for a connection is marked so") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"tools/list"})");
  CHECK(world.request(1).request().may_wait);
  world.host(R"({"method":"notifications/x"})");
  CHECK_FALSE(world.request(2).request().may_wait);
}

TEST_CASE("a refusal that stands on several lines becomes one, whichever era it comes from") {
  World world;
  world.host(kInitialize);
  world.json(1, "{\"id\":0,\n\"error\":{\n\"code\":-32022,\"message\":\"m\"}}", 400);
  world.json(2, R"({"id":"b1","error":{"code":-32601,"message":"m"}})");
  world.forget();
  world.reply(3, 405);  // no HTTP+SSE either
  CHECK(world.transcript() == "< {\"id\":0,\"error\":{\"code\":-32022,\"message\":\"m\"}}\n");
}

TEST_CASE("a second initialize that comes to nothing has an answer of its own id") {
  World world;
  world.host(kInitialize);
  world.host(R"({"id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})");
  world.json(1, R"({"id":0,"error":{"code":-32022,"message":"m"}})", 400);
  world.reply(2, 403);  // no evidence of an era: the second one asks again
  world.json(3, R"({"id":"b2","error":{"code":-32601,"message":"m"}})");
  world.forget();
  world.reply(4, 405);  // no HTTP+SSE either
  CHECK(world.transcript() == "< {\"id\":1,\"error\":{\"code\":-32022,\"message\":\"m\"}}\n");
}

}  // namespace dogpipe::bridge
