// Arguments of tools in header fields, tools that must not be offered, and what happens when the
// server's schemas are other ones than those that were seen.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kList = R"({"id":0,"method":"tools/list","params":{"_meta":$M}})";
constexpr std::string_view kMismatch =
    R"({"id":1,"error":{"code":-32020,"message":"Mcp-Param-Region","data":{"x": 1}}})";
constexpr std::string_view kAnswer = R"({"id":1,"result":{"content":[]}})";

std::string call(std::string_view arguments, std::string_view raw_id = "1") {
  return fmt::format(
      R"({{"id":{},"method":"tools/call","params":{{"name":"a","arguments":{},"_meta":$M}}}})",
      raw_id, arguments);
}

std::string tool(std::string_view name, std::string_view properties) {
  return fmt::format(R"({{"name":"{}","inputSchema":{{"type":"object","properties":{{{}}}}}}})",
                     name, properties);
}

const std::string kRegion = tool("a", R"("region":{"type":"string","x-mcp-header":"Region"})");
const std::string kZone = tool("a", R"("region":{"type":"string","x-mcp-header":"Zone"})");

std::string listed(std::string_view raw_id, std::string_view tools, std::string_view more = "") {
  return fmt::format(R"({{"id":{},"result":{{"tools":[{}]{}}}}})", raw_id, tools, more);
}

std::string relist(std::size_t n, std::string_view raw_id, std::string_view more = "") {
  return fmt::format(
      "#{} POST 2026-07-28 tools/list {{\"id\":{},\"method\":\"tools/list\","
      "\"params\":{{\"_meta\":$M{}}}}}\n",
      n, raw_id, more);
}

std::string sent(std::size_t n, std::string_view arguments, std::string_view raw_id = "1") {
  return fmt::format("#{} POST 2026-07-28 tools/call a {}\n", n, call(arguments, raw_id));
}

// The tool was listed by the host, and called; the server finds the fields wrong. Requests 1, 2.
void refuse(ModernWorld& world) {
  world.host(kList);
  world.json(1, listed("0", kRegion));
  world.host(call(R"({"region":"eu"})"));
  CHECK(world.request(2).field("Mcp-Param-Region") == "eu");
  world.forget();
  world.json(2, kMismatch, 400);
}

TEST_CASE("arguments that the schema names go into fields") {
  ModernWorld world;
  world.host(kList);
  world.json(1, listed("0", tool("a", R"("s":{"type":"string","x-mcp-header":"S"},)"
                                      R"("i":{"type":"integer","x-mcp-header":"I"},)"
                                      R"("b":{"type":"boolean","x-mcp-header":"B"},)"
                                      R"("n":{"type":"string","x-mcp-header":"N"},)"
                                      R"("o":{"type":"object","properties":)"
                                      R"({"p":{"type":"string","x-mcp-header":"P"}}})")));
  world.host(call(R"({"s":"日本","i":-7,"b":true,"n":null,"o":{"p":""}})"));
  CHECK(world.own_fields(2) ==
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: a\n"
        "Mcp-Param-S: =?base64?5pel5pys?=\nMcp-Param-I: -7\nMcp-Param-B: true\nMcp-Param-P: \n");
}

TEST_CASE("a tool with an invalid annotation is not offered, and all else stays as it was") {
  ModernWorld world;
  world.host(kList);
  world.forget();
  const std::string bad = tool("bad", R"("x":{"type":"number","x-mcp-header":"X"})");
  world.json(1, R"({"id":0, "result":{"ttlMs": 1,"tools":[ )" + bad + R"(, )" + kRegion +
                    R"(] ,"nextCursor":"c", "cacheScope":"private"}})");
  const std::string answer = world.transcript();
  CHECK(answer.find("bad") == std::string::npos);
  CHECK(answer.starts_with(R"(= {"id":0, "result":{"ttlMs": 1,"tools":[)"));
  CHECK(answer.ends_with(R"(] ,"nextCursor":"c", "cacheScope":"private"}})"
                         "\n"));
  CHECK(answer.find(kRegion) != std::string::npos);
}

TEST_CASE("a list without such tools passes as it is") {
  ModernWorld world;
  world.host(kList);
  world.forget();
  const std::string answer = R"({"id":0,"result":{ "tools" : [)" + kRegion + R"( ] }})";
  world.json(1, answer);
  CHECK(world.transcript() == "= " + answer + "\n");
}

TEST_CASE("a call that is refused for its fields is made again, once the tools were listed anew") {
  ModernWorld world;
  refuse(world);
  CHECK(world.transcript() == relist(3, "\"m1\""));
  CHECK_FALSE(world.server.idle());
  world.json(3, listed("\"m1\"", kZone));
  CHECK(world.transcript() == sent(4, R"({"region":"eu"})"));
  CHECK(world.own_fields(4) ==
        "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: a\n"
        "Mcp-Param-Zone: eu\n");
  world.json(4, kAnswer);
  CHECK(world.transcript() == fmt::format("= {}\n", kAnswer));
  CHECK(world.server.idle());
}

TEST_CASE("all pages are listed") {
  ModernWorld world;
  refuse(world);
  world.json(3, listed("\"m1\"", tool("b", ""), R"(,"nextCursor":"p\u0032")"));
  world.json(4, listed("\"m2\"", kZone));
  CHECK(world.transcript() == relist(3, "\"m1\"") + relist(4, "\"m2\"", R"(,"cursor":"p\u0032")") +
                                  sent(5, R"({"region":"eu"})"));
  CHECK(world.request(5).field("Mcp-Param-Zone") == "eu");
}

TEST_CASE("a call that got further than the check of its fields is not made again") {
  ModernWorld world;
  world.host(call("{}"));
  world.forget();
  SUBCASE("as the result of a server behind") { world.json(1, kMismatch); }
  SUBCASE("at the end of a stream") { world.stream(1, kMismatch); }
  CHECK(world.transcript().substr(0, 3) == "= {");
  CHECK(world.requests() == 1);
  CHECK(world.server.idle());
}

TEST_CASE("a second refusal is the answer, and the next call has its own chance") {
  ModernWorld world;
  refuse(world);
  world.json(3, listed("\"m1\"", kZone));
  world.forget();
  world.json(4, kMismatch, 400);
  CHECK(world.transcript() == fmt::format("= 400 {}\n", kMismatch));
  CHECK(world.server.idle());
  world.host(call(R"({"region":"eu"})"));
  world.forget();
  world.json(5, kMismatch, 400);
  CHECK(world.transcript() == relist(6, "\"m2\""));
}

TEST_CASE("a tool that was never listed is called without such fields, until it is refused") {
  ModernWorld world;
  world.host(call(R"({"region":"eu"})"));
  CHECK(world.request(1).field("Mcp-Param-Region").empty());
  world.json(1, kMismatch, 400);
  world.json(2, listed("\"m1\"", kRegion));
  CHECK(world.request(3).field("Mcp-Param-Region") == "eu");
}

TEST_CASE("what is not listed any more is forgotten") {
  ModernWorld world;
  refuse(world);
  world.json(3, listed("\"m1\"", tool("b", "")));
  CHECK(world.requests() == 4);
  CHECK(world.request(4).field("Mcp-Param-Region").empty());
}

TEST_CASE("where the tools cannot be listed, the refusal is the answer") {
  ModernWorld world;
  refuse(world);
  world.forget();
  SUBCASE("an error") {
    world.json(3, R"({"id":"m1","error":{"code":-32020,"message":"y"}})", 400);
  }
  SUBCASE("a failure") {
    world.fail(3, base::Kind::cut);
    world.pass(2s);
    world.forget();
    world.fail(4, base::Kind::cut);
  }
  CHECK(world.transcript() == fmt::format("= 400 {}\n", kMismatch));
  CHECK(world.server.idle());
  CHECK(world.idle > 0);
}

TEST_CASE("a server whose pages never end is not listed for ever") {
  ModernWorld world;
  refuse(world);
  for (std::size_t n = 1; n <= 1000; ++n) {
    world.json(n + 2, listed(fmt::format("\"m{}\"", n), "", R"(,"nextCursor":"x")"));
  }
  CHECK(world.requests() == 1002);
  CHECK(world.transcript().ends_with(fmt::format("= 400 {}\n", kMismatch)));
}

TEST_CASE("many refused calls share one list") {
  ModernWorld world;
  for (const char* id : {"1", "2", "3"}) world.host(call(R"({"region":"eu"})", id));
  world.json(1, kMismatch, 400);
  world.json(2, R"({"id":2,"error":{"code":-32020,"message":"x"}})", 400);
  world.json(3, R"({"id":3,"error":{"code":-32020,"message":"x"}})", 400);
  CHECK(world.requests() == 4);
  world.json(4, listed("\"m1\"", kRegion));
  CHECK(world.requests() == 7);
  for (std::size_t n = 5; n <= 7; ++n) {
    CHECK(world.request(n).field("Mcp-Param-Region") == "eu");
  }
}

TEST_CASE("a refused call that is cancelled is not made again") {
  ModernWorld world;
  refuse(world);
  world.forget();
  SUBCASE("while the tools are listed") {
    world.cancel("1");
    CHECK(world.transcript() == "#3 cancelled\n");
  }
  SUBCASE("while another one hears of it") {
    world.host(call("{}", "2"));
    world.json(4, R"({"id":2,"error":{"code":-32020,"message":"x"}})", 400);
    world.forget();
    world.on_report = [&world] {
      world.server.cancel("1", nullptr);
      world.server.cancel("2", nullptr);
    };
    world.json(3, R"({"id":"m1","error":{"code":-1,"message":"x"}})");
    CHECK(world.transcript() == "= 400 {\"id\":2,\"error\":{\"code\":-32020,\"message\":\"x\"}}\n");
  }
  CHECK(world.server.idle());
  CHECK(world.idle > 0);
}

TEST_CASE("only calls are mended") {
  ModernWorld world;
  world.host(kList);
  world.forget();
  world.json(1, R"({"id":0,"error":{"code":-32020,"message":"x"}})", 400);
  CHECK(world.transcript() == "= 400 {\"id\":0,\"error\":{\"code\":-32020,\"message\":\"x\"}}\n");
}

}  // namespace
}  // namespace dogpipe::bridge
