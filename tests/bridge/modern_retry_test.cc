// Requests to a server of 2026-07-28 that break off: there is no resumption, and what is asked
// again is another request.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCall =
    R"({"id":1,"method":"tools/call","params":{"name":"a","_meta":$M}})";
constexpr std::string_view kGet =
    R"({"id":1,"method":"prompts/get","params":{"name":"a","_meta":$M}})";
constexpr std::string_view kProgress = R"({"method":"notifications/progress","params":{}})";

void list_tool(ModernWorld& world, std::string_view annotations) {
  world.host(R"({"id":0,"method":"tools/list","params":{"_meta":$M}})");
  world.json(1, fmt::format(R"({{"id":0,"result":{{"tools":[{{"name":"a","inputSchema":{{}},)"
                            R"("annotations":{{{}}}}}]}}}})",
                            annotations));
  world.forget();
}

TEST_CASE("a stream that breaks is asked for again once, as another request, and never resumed") {
  ModernWorld world;
  world.host(kGet);
  world.request(1).head(200, "text/event-stream");
  world.request(1).data("id: e1\ndata:\n\n");
  world.forget();
  SUBCASE("the second one is answered, under the first one's id") {
    world.fail(1, base::Kind::cut);
    world.pass(2s);
    CHECK(world.transcript() ==
          "#2 POST 2026-07-28 prompts/get a "
          R"({"id":"m1","method":"prompts/get","params":{"name":"a","_meta":$M}})"
          "\n");
    world.json(2, R"({"id":"m1","result":{"a": [1, 2]}})");
    CHECK(world.transcript() == "= {\"id\":1,\"result\":{\"a\": [1, 2]}}\n");
  }
  SUBCASE("the first one's id does not answer the second") {
    world.end(1);
    world.pass(2s);
    world.forget();
    world.json(2, R"({"id":1,"result":{}})");
    CHECK(world.transcript() ==
          "! 1: -31011 malformed retryable=false executed=unknown attempts=2 httpStatus=200\n");
  }
  SUBCASE("an error with an error status is mapped too") {
    world.end(1);
    world.pass(2s);
    world.forget();
    world.json(2, R"({"id":"m1","error":{"code":-32602,"message":"x"}})", 400);
    CHECK(world.transcript() == "= 400 {\"id\":1,\"error\":{\"code\":-32602,\"message\":\"x\"}}\n");
  }
  SUBCASE("the second one breaks too") {
    world.fail(1, base::Kind::cut);
    world.pass(2s);
    world.stream(2, "");
    world.fail(2, base::Kind::cut);
    world.pass(10min);
    CHECK(world.requests() == 2);
    CHECK(world.transcript() ==
          "#2 POST 2026-07-28 prompts/get a "
          R"({"id":"m1","method":"prompts/get","params":{"name":"a","_meta":$M}})"
          "\n! 1: -31003 network retryable=true executed=unknown attempts=2\n");
  }
  SUBCASE("it is not wanted any more") {
    world.fail(1, base::Kind::cut);
    world.cancel("1");
    world.pass(10min);
    CHECK(world.transcript().empty());
  }
}

TEST_CASE("a request without a response is asked again under another id") {
  ModernWorld world;
  world.host(kGet);
  world.forget();
  SUBCASE("a reset") { world.fail(1, base::Kind::cut); }
  SUBCASE("a time-out") { world.fail(1, base::Kind::timed_out); }
  SUBCASE("a gateway") { world.reply(1, 502, "text/html", "<html>"); }
  world.pass(2s);
  CHECK(world.request(2).body() == replaced(modern(kGet), R"("id":1)", R"("id":"m1")"));
}

TEST_CASE("a request that the server surely did not take keeps its id") {
  ModernWorld world;
  world.authorizer.can_mend = true;
  world.host(kCall);
  world.forget();
  SUBCASE("nothing of it has left") {
    world.fail(1, base::Kind::unreachable, false);
    world.pass(2s);
  }
  SUBCASE("401") {
    world.reply(1, 401);
    world.authorizer.settle();
    world.turn();
  }
  SUBCASE("429") {
    world.reply(1, 429, "", "", {{"Retry-After", "3"}});
    world.pass(3s);
  }
  SUBCASE("503 of the server itself") {
    world.json(1, R"({"id":1,"error":{"code":-32000,"message":"busy"}})", 503);
    world.pass(2s);
  }
  CHECK(world.requests() == 2);
  CHECK(world.request(2).body() == modern(kCall));
}

TEST_CASE("a call of a tool that says nothing of itself is never made again by itself") {
  ModernWorld world;
  world.host(kCall);
  world.forget();
  SUBCASE("a reset") { world.fail(1, base::Kind::cut); }
  SUBCASE("a broken stream") {
    world.request(1).head(200, "text/event-stream");
    world.request(1).data("id: e1\ndata:\n\n");
    world.fail(1, base::Kind::cut);
  }
  world.pass(10min);
  CHECK(world.transcript() ==
        "! 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
}

TEST_CASE("a call is made again where its tool says that this does no harm") {
  for (const char* hint : {R"("readOnlyHint":true)", R"("idempotentHint":true)"}) {
    ModernWorld world;
    list_tool(world, hint);
    world.host(kCall);
    world.forget();
    world.fail(2, base::Kind::cut);
    world.pass(2s);
    CHECK(world.transcript() ==
          "#3 POST 2026-07-28 tools/call a "
          R"({"id":"m1","method":"tools/call","params":{"name":"a","_meta":$M}})"
          "\n");
  }
}

TEST_CASE("a tool's word counts only with a server that is trusted") {
  ModernWorld::Settings settings;
  settings.trust_hints = false;
  ModernWorld world(settings);
  list_tool(world, R"("readOnlyHint":true)");
  world.host(kCall);
  world.fail(2, base::Kind::cut);
  world.pass(10min);
  CHECK(world.requests() == 2);
}

TEST_CASE("once the host has seen progress, it is not shown it twice") {
  ModernWorld world;
  world.host(kGet);
  world.stream(1, kProgress);
  world.forget();
  world.fail(1, base::Kind::cut);
  world.pass(10min);
  CHECK(world.transcript() == "! 1: -31003 network retryable=true executed=unknown attempts=1\n");
}

TEST_CASE("what was dropped has not been seen") {
  ModernWorld world;
  world.host(kGet);
  world.stream(1, R"({"method":"notifications/tools/list_changed"})");
  world.fail(1, base::Kind::cut);
  world.pass(2s);
  CHECK(world.requests() == 2);
}

}  // namespace
}  // namespace dogpipe::bridge
