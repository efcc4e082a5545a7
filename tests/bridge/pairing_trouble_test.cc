// Hosts and servers that are not what they were taken for: one answer for each request all the
// same, and a verdict that proves wrong does not last.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "modern_world.h"
#include "rpc/members.h"
#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

World::Settings knowing(ServerEra era, bool expect_legacy = false) {
  World::Settings settings;
  settings.era = era;
  settings.policy.expect_legacy = expect_legacy;
  return settings;
}

std::string discover(std::string_view raw_id) {
  return modern(
      fmt::format(R"({{"id":{},"method":"server/discover","params":{{"_meta":$M}}}})", raw_id));
}

std::string call(std::string_view raw_id) {
  return modern(fmt::format(
      R"({{"id":{},"method":"tools/call","params":{{"name":"t","_meta":$M}}}})", raw_id));
}

std::string initialize(std::string_view raw_id) {
  return fmt::format(
      R"({{"id":{},"method":"initialize","params":{{"protocolVersion":"2025-06-18"}}}})", raw_id);
}

std::string discovered(std::string_view raw_id) {
  return fmt::format(
      R"({{"id":{},"result":{{"supportedVersions":["2026-07-28"],"capabilities":{{}}}}}})", raw_id);
}

std::string refused(std::string_view raw_id, int code = -32022) {
  return fmt::format(
      R"({{"id":{},"error":{{"code":{},"message":"m","data":{{"supported":["2026-07-28"]}}}}}})",
      raw_id, code);
}

// The lines for the host.
std::string told(World& world) {
  std::string lines;
  const std::string transcript = world.transcript();
  for (std::size_t at = 0; at < transcript.size();) {
    const std::size_t end = transcript.find('\n', at) + 1;
    if (transcript[at] == '<') lines += transcript.substr(at, end - at);
    at = end;
  }
  return lines;
}

// The bridge looks for HTTP+SSE, which the server does not have.
void find_no_stream(World& world, std::size_t n) {
  CHECK(world.request(n).request().method == http::Method::get);
  world.reply(n, 405);
}

TEST_CASE("the server's refusal of initialize is one line, however it was written") {
  World world;
  world.host(kInitialize);
  world.forget();
  world.reply(
      1, 400, "application/json",
      "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": 0,\n  \"error\": {\n    \"code\": -32000,\n    "
      "\"message\": \"m\"\n  }\n}\n");
  find_no_stream(world, 2);
  CHECK(told(world) == R"(< {"id":0,"error":{"code":-32000,"message":"m"}})"
                       "\n");
}

TEST_CASE(
    "an answer to the host's server/discover is one line, also under another spelling of id") {
  World world(knowing(ServerEra::unknown));
  world.host(discover("1"));
  world.forget();
  SUBCASE("a result") {
    world.reply(1, 200, "application/json",
                "{\n\"jsonrpc\": \"2.0\",\n\"id\": 1.0,\n\"result\":\n{\"supportedVersions\": "
                "[\"2026-07-28\"]}\n}");
    CHECK(world.transcript() == R"(< {"id":1,"result":{"supportedVersions":["2026-07-28"]}})"
                                "\n");
  }
  SUBCASE("an error without an id") {
    world.reply(1, 400, "application/json",
                "{\n\"jsonrpc\": \"2.0\",\n\"id\": null,\n\"error\": {\"code\": -32022, "
                "\"message\": \"m\", \"data\": {\"supported\": [\"2031-01-01\"]}}}");
    CHECK(world.transcript() ==
          R"(< {"id":1,"error":{"code":-32022,"message":"m","data":{"supported":["2031-01-01"]}}})"
          "\n");
  }
}

TEST_CASE("a server whose answers to server/discover bear other ids is not asked for ever") {
  World world(knowing(ServerEra::unknown));
  world.host(discover("1"));
  std::size_t asked = 1;
  for (; asked < 20 && asked <= world.requests(); ++asked) world.json(asked, refused("99"), 400);
  CHECK(asked < 5);
  CHECK(told(world) ==
        "< 1: -31006 http_status retryable=false executed=no attempts=1 "
        "httpStatus=400\n");
}

TEST_CASE("a server that must be modern and is not is asked once, and heard") {
  World::Settings settings = knowing(ServerEra::unknown);
  settings.policy.override_era = Override::modern;
  World world(settings);
  world.host(discover("1"));
  world.json(1, R"({"id":1,"error":{"code":-32601,"message":"m"}})", 404);
  CHECK(world.requests() == 1);
  CHECK(told(world) == R"(< {"id":1,"error":{"code":-32601,"message":"m"}})"
                       "\n");
}

TEST_CASE("of two initializes that cross, each is answered under its own id") {
  World world(knowing(ServerEra::unknown, true));
  world.host(initialize("10"));
  world.json(1, refused("10"), 400);  // now server/discover is asked, as request 2
  world.host(initialize("11"));
  world.json(3, refused("11"), 400);
  world.forget();
  world.json(2, R"({"id":"b1","error":{"code":-32601,"message":"m"}})", 404);
  for (std::size_t n = 4; n < 12 && n <= world.requests(); ++n) {
    if (world.request(n).request().method == http::Method::get) {
      world.reply(n, 405);
      continue;
    }
    const auto body = world.request(n).body();
    const bool discovers = body.find("server/discover") != std::string_view::npos;
    const auto id = rpc::member(body, "id").value_or("null");
    world.json(n, refused(id, discovers ? -32601 : -32022), discovers ? 404 : 400);
  }
  const std::string lines = told(world);
  CHECK(lines.find(R"(< {"id":10,"error")") != std::string::npos);
  CHECK(lines.find(R"(< {"id":11,"error")") != std::string::npos);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
}

TEST_CASE("the answer to a server/discover that was cancelled is not given to another request") {
  World world(knowing(ServerEra::unknown));
  world.host(discover("1"));
  world.host(call("2"));
  world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  world.host(call("1"));
  world.forget();
  world.json(1, discovered("1"));
  CHECK(told(world).empty());
  CHECK(world.requests() == 3);  // both calls are with the server
}

TEST_CASE("a host that makes its requests wrongly does not make the server one of the older era") {
  World world(knowing(ServerEra::unknown));
  constexpr std::string_view kWrong =
      R"({"id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
  constexpr std::string_view kUnclaimed = R"({"id":1,"method":"server/discover"})";
  bool discovers = false;
  SUBCASE("a request") { world.host(kWrong); }
  SUBCASE("server/discover") {
    discovers = true;
    world.host(kUnclaimed);
  }
  // What is asked of the server is asked as it should be.
  const auto body = world.request(1).body();
  const auto params = rpc::member(body, "params").value_or("");
  const auto meta = rpc::member(params, "_meta").value_or("");
  CHECK(rpc::member(meta, "io.modelcontextprotocol/protocolVersion") == R"("2026-07-28")");
  CHECK(rpc::member(meta, "io.modelcontextprotocol/clientCapabilities") == "{}");
  CHECK(world.request(1).field("MCP-Protocol-Version") == "2026-07-28");
  world.json(1, discovered(R"("b1")"));
  world.forget();
  // And what is wrong is the server's to refuse.
  REQUIRE(world.requests() == 2);
  CHECK(world.request(2).body() == full(discovers ? kUnclaimed : kWrong));
  world.json(2, R"({"id":1,"error":{"code":-32602,"message":"m"}})", 400);
  CHECK(world.transcript() == R"(< {"id":1,"error":{"code":-32602,"message":"m"}})"
                              "\n");
}

TEST_CASE(
    "a server that is known as modern and refuses initialize in its own way is translated for") {
  World world(knowing(ServerEra::modern));
  world.host(kInitialize);
  SUBCASE("404, plain") { world.reply(1, 404); }
  SUBCASE("405") { world.reply(1, 405, "text/plain", "no"); }
  SUBCASE("400 with some message") {
    world.json(1, R"({"id":0,"error":{"code":-32600,"message":"m"}})", 400);
  }
  world.forget();
  REQUIRE(world.requests() == 2);  // it is not asked for HTTP+SSE
  world.json(2, discovered(R"("b1")"));
  CHECK(told(world).substr(0, 18) == R"(< {"id":0,"result")");
}

TEST_CASE("an initialize that is refused with 200 is refused") {
  World world(knowing(ServerEra::unknown, true));
  world.host(kInitialize);
  SUBCASE("for its version") { world.json(1, refused("0")); }
  SUBCASE("as unknown") { world.json(1, R"({"id":0,"error":{"code":-32601,"message":"m"}})"); }
  world.forget();
  REQUIRE(world.requests() == 2);
  world.json(2, discovered(R"("b1")"));
  CHECK(told(world).substr(0, 18) == R"(< {"id":0,"result")");
}

TEST_CASE("a modern verdict that proves wrong is found out anew") {
  World world(knowing(ServerEra::modern_only));
  world.host(call("1"));
  SUBCASE("404, plain") { world.reply(1, 404); }
  SUBCASE("405") { world.reply(1, 405); }
  SUBCASE("400 with an older server's message") {
    world.json(1, R"({"id":1,"error":{"code":-32000,"message":"m"}})", 400);
  }
  CHECK_FALSE(told(world).empty());
  world.host(call("2"));
  CHECK(world.request(2).body().find("server/discover") != std::string_view::npos);
  world.json(2, R"({"id":"b1","error":{"code":-32000,"message":"m"}})", 400);
  CHECK(world.request(3).body().find(R"("method":"initialize")") != std::string_view::npos);
}

TEST_CASE(
    "a modern verdict stands when requests are refused as modern servers do, or for a while") {
  World world(knowing(ServerEra::modern_only));
  world.host(call("1"));
  SUBCASE("an unknown method") {
    world.json(1, R"({"id":1,"error":{"code":-32601,"message":"m"}})", 404);
  }
  SUBCASE("wrong parameters") {
    world.json(1, R"({"id":1,"error":{"code":-32602,"message":"m"}})", 400);
  }
  SUBCASE("a server in trouble") { world.reply(1, 500); }
  SUBCASE("no credential") { world.reply(1, 403); }
  SUBCASE("with 200") { world.json(1, R"({"id":1,"error":{"code":-32000,"message":"m"}})"); }
  world.host(call("2"));
  CHECK(world.request(2).body() == full(call("2")));
}

TEST_CASE("an older verdict that proves wrong is found out anew") {
  World world(knowing(ServerEra::legacy));
  world.host(call("1"));
  CHECK(world.request(1).body().find(R"("method":"initialize")") != std::string_view::npos);
  world.json(1, refused(R"("b1")"), 400);
  find_no_stream(world, 2);
  world.forget();
  world.host(call("2"));
  CHECK(world.request(3).body().find("server/discover") != std::string_view::npos);
  world.json(3, discovered(R"("b1")"));
  CHECK(world.request(4).body() == full(call("2")));
}

}  // namespace
}  // namespace dogpipe::bridge
