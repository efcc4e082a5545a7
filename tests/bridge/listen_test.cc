// subscriptions/listen: streams that stay open, break and are opened anew.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kFilter =
    R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:\/1","b:2"]})";

std::string listen(std::string_view raw_id, std::string_view filter = kFilter) {
  return fmt::format(R"({{"id":{},"method":"subscriptions/listen","params":{{"_meta":$M,{}}}}})",
                     raw_id, filter);
}

std::string ack(std::string_view raw_id, std::string_view filter = kFilter) {
  return fmt::format(R"({{"method":"{}","params":{{"_meta":{{$S:{}}},{}}}}})", kAck, raw_id,
                     filter);
}

std::string tagged(std::string_view method, std::string_view raw_id, std::string_view more = "") {
  return fmt::format(R"({{"method":"notifications/{}","params":{{"_meta":{{$S:{}}}{}}}}})", method,
                     raw_id, more);
}

std::string result(std::string_view raw_id) {
  return fmt::format(R"({{"id":{0},"result":{{"resultType":"complete","_meta":{{$S:{0}}}}}}})",
                     raw_id);
}

std::string posted(std::size_t n, std::string_view raw_id) {
  return fmt::format("#{} POST 2026-07-28 subscriptions/listen {}\n", n, listen(raw_id));
}

// A subscription that is running, as request 1.
void open(ModernWorld& world, std::string_view raw_id = "1") {
  world.host(listen(raw_id));
  world.stream(1, ack(raw_id));
  world.forget();
}

constexpr const char* kCaughtUp =
    "1 < {\"method\":\"notifications/tools/list_changed\",\"params\":{\"_meta\":{$S:1}}}\n"
    "1 < {\"method\":\"notifications/resources/updated\",\"params\":{\"_meta\":{$S:1},"
    "\"uri\":\"a:\\/1\"}}\n"
    "1 < {\"method\":\"notifications/resources/updated\",\"params\":{\"_meta\":{$S:1},"
    "\"uri\":\"b:2\"}}\n";

TEST_CASE("a subscription passes its acknowledgement, its messages and its end as they are") {
  ModernWorld world;
  world.host(listen("1"));
  world.stream(1, ack("1"));
  world.more(1, tagged("tools/list_changed", "1"));
  world.more(1, tagged("resources/updated", "1", R"(, "uri":"a:/1/sub")"));
  world.more(1, result("1"));
  CHECK(world.transcript() == posted(1, "1") + "1 < " + ack("1") + "\n1 < " +
                                  tagged("tools/list_changed", "1") + "\n1 < " +
                                  tagged("resources/updated", "1", R"(, "uri":"a:/1/sub")") +
                                  "\n= " + result("1") + "\n#1 cancelled\n");
}

TEST_CASE("a subscription keeps nothing from being idle") {
  ModernWorld world;
  open(world);
  CHECK(world.server.idle());
  world.host(R"({"id":2,"method":"a"})");
  CHECK_FALSE(world.server.idle());
  world.json(2, R"({"id":2,"result":{}})");
  CHECK(world.idle == 1);
}

TEST_CASE("half an hour of silence ends no subscription") {
  ModernWorld::Settings settings;
  settings.patience = {.first_byte = 60s, .idle = 60s, .total = 300s, .stream_idle = 120s};
  ModernWorld world(settings);
  open(world);
  const http::Request& request = world.request(1).request();
  CHECK(request.patience.first_byte == 60s);
  CHECK(request.patience.idle == 0s);
  CHECK(request.patience.total == 0s);
  CHECK(request.patience.stream_idle == 0s);
  CHECK_FALSE(request.compressed);
  world.pass(15min);
  world.request(1).data(":\r\n");
  world.pass(15min);
  CHECK(world.transcript().empty());
  world.more(1, tagged("tools/list_changed", "1"));
  CHECK(world.transcript() == "1 < " + tagged("tools/list_changed", "1") + "\n");
}

TEST_CASE("other requests keep their limits") {
  ModernWorld::Settings settings;
  settings.patience = {.first_byte = 60s, .idle = 60s, .total = 300s, .stream_idle = 120s};
  ModernWorld world(settings);
  world.host(R"({"id":1,"method":"a"})");
  CHECK(world.request(1).request().patience.total == 300s);
  CHECK(world.request(1).request().patience.stream_idle == 120s);
  CHECK(world.request(1).request().compressed);
}

TEST_CASE("a broken subscription is opened anew, and the host is told what it may have missed") {
  for (const std::string id : {"1", "\"1\"", "\"a/b\""}) {
    CAPTURE(id);
    ModernWorld world;
    open(world, id);
    world.fail(1, base::Kind::cut);
    CHECK(world.transcript().empty());
    world.pass(2s);
    CHECK(world.transcript() == posted(2, "\"m1\""));
    world.stream(2, ack("\"m1\""));
    CHECK(world.transcript() ==
          replaced(replaced(kCaughtUp, "1 <", id + " <"), "$S:1", "$S:" + id));
    world.more(2, tagged("resources/updated", "\"m1\"", R"(, "uri":"b:2", "big": 1e400)"));
    CHECK(world.transcript() ==
          id + " < " + tagged("resources/updated", id, R"(, "uri":"b:2", "big": 1e400)") + "\n");
    world.more(2, result("\"m1\""));
    CHECK(world.transcript() == "= " + result(id) + "\n#2 cancelled\n");
  }
}

TEST_CASE("a server that does not acknowledge a second time does not leave the host in the dark") {
  ModernWorld world;
  open(world);
  world.end(1);
  world.pass(2s);
  world.forget();
  world.stream(2, tagged("resources/updated", "\"m1\"", R"(,"uri":"b:2")"));
  CHECK(world.transcript() ==
        kCaughtUp + ("1 < " + tagged("resources/updated", "1", R"(,"uri":"b:2")") + "\n"));
}

TEST_CASE("only what the server has agreed to can have been missed") {
  ModernWorld world;
  world.host(listen("1"));
  world.stream(1, ack("1", R"("notifications":{"toolsListChanged":true})"));
  world.end(1);
  world.pass(2s);
  world.forget();
  world.stream(2, ack("\"m1\"", R"("notifications":{"toolsListChanged":true})"));
  CHECK(world.transcript() == "1 < " + tagged("tools/list_changed", "1") + "\n");
}

TEST_CASE("what the server has agreed to unasked cannot have been missed") {
  ModernWorld world;
  world.host(listen("1", R"("notifications":{"toolsListChanged":true,)"
                         R"("resourceSubscriptions":["a:1","b:2"]})"));
  world.stream(1, ack("1", R"("notifications":{"toolsListChanged":true,"promptsListChanged":true,)"
                           R"("resourceSubscriptions":["a:1","c:3"]})"));
  world.end(1);
  world.pass(2s);
  world.forget();
  world.stream(2, ack("\"m1\"", R"("notifications":{"toolsListChanged":true})"));
  CHECK(world.transcript() == "1 < " + tagged("tools/list_changed", "1") + "\n1 < " +
                                  tagged("resources/updated", "1", R"(,"uri":"a:1")") + "\n");
}

TEST_CASE("pauses grow to a minute, and begin anew after a good one") {
  ModernWorld world;
  open(world);
  world.end(1);
  CHECK(world.loop.next_wait() >= 1s);
  CHECK(world.loop.next_wait() <= 2s);
  for (std::size_t n = 2; n < 40; ++n) {
    CAPTURE(n);
    CHECK(world.loop.next_wait() >= 1s);
    CHECK(world.loop.next_wait() <= 60s);
    world.pass(60s);
    REQUIRE(world.requests() == n);
    world.fail(n, base::Kind::unreachable, false);
  }
  world.pass(60s);
  world.stream(40, ack("\"m39\""));
  world.pass(61s);
  world.end(40);
  CHECK(world.loop.next_wait() <= 2s);
}

TEST_CASE("opening anew takes nothing from the budget for retries") {
  ModernWorld world;
  open(world);
  world.end(1);
  for (std::size_t n = 2; n < 40; ++n) {
    world.pass(60s);
    world.fail(n, base::Kind::unreachable, false);
  }
  int left = 0;
  while (world.budget.take()) ++left;
  CHECK(left == 10);
}

TEST_CASE("whatever is no refusal is tried again for ever") {
  for (const int status : {500, 502, 503, 504, 200, 202, 302, 408, 421, 429}) {
    CAPTURE(status);
    ModernWorld world;
    open(world);
    world.end(1);
    world.pass(2s);
    world.forget();
    world.reply(2, status, "text/html", "<html>");
    world.pass(60s);
    CHECK(world.transcript() == posted(3, "\"m2\""));
  }
}

TEST_CASE("a server that says how long to wait is left alone for that long") {
  ModernWorld world;
  open(world);
  world.end(1);
  world.pass(2s);
  world.reply(2, 429, "", "", {{"Retry-After", "300"}});
  world.pass(299s);
  CHECK(world.requests() == 2);
  world.pass(1s);
  CHECK(world.requests() == 3);
}

TEST_CASE("a server that refuses it ends it") {
  ModernWorld world;
  open(world);
  world.end(1);
  world.pass(2s);
  world.forget();
  SUBCASE("in the protocol") {
    world.json(2, R"({"id":"m1","error":{"code":-32601,"message":"x"}})", 404);
    CHECK(world.transcript() == "= 404 {\"id\":1,\"error\":{\"code\":-32601,\"message\":\"x\"}}\n");
  }
  SUBCASE("outside of it") {
    world.reply(2, 403);
    CHECK(world.transcript() ==
          "! 1: -31006 http_status retryable=false executed=no attempts=1 httpStatus=403\n");
  }
  world.pass(1h);
  CHECK(world.requests() == 2);
}

TEST_CASE("a credential that has ended is renewed without a word to the user") {
  ModernWorld world;
  world.authorizer.sign_in();
  world.authorizer.can_mend = true;
  open(world);
  world.end(1);
  world.authorizer.stale = true;  // nobody may wait for a sign-in
  world.pass(2s);
  world.reply(2, 401);
  REQUIRE(world.authorizer.refusals.size() == 1);
  CHECK(world.authorizer.refusals[0].quiet);
  world.authorizer.settle();
  world.turn();
  CHECK(world.request(3).field("Authorization") == "Bearer 2");
  world.forget();
  world.stream(3, ack("\"m1\""));
  CHECK(world.transcript() == kCaughtUp);
}

TEST_CASE("where only the user can help, it waits for another request to bring that about") {
  ModernWorld world;
  world.authorizer.sign_in();
  world.authorizer.can_mend = true;
  open(world);
  world.end(1);
  world.pass(2s);
  world.reply(2, 401);
  auth::Impediment impediment;
  world.authorizer.settle(impediment);
  world.forget();
  world.pass(1h);
  CHECK(world.transcript().empty());
  world.authorizer.settle();  // another one has signed in
  world.pass(5s);
  CHECK(world.transcript() == posted(3, "\"m2\""));
}

TEST_CASE("the first time, the user is asked as for any request") {
  ModernWorld world;
  world.authorizer.stale = true;
  world.host(listen("1"));
  CHECK(world.requests() == 0);
  world.authorizer.settle();
  world.turn();
  CHECK(world.requests() == 1);
}

TEST_CASE("until it is acknowledged it is a request like any other") {
  ModernWorld world;
  world.host(listen("1"));
  SUBCASE("a break is mended once, under another id") {
    world.stream(1, "");
    world.end(1);
    world.pass(2s);
    world.forget();
    world.stream(2, ack("\"m1\""));
    CHECK(world.transcript() == "1 < " + ack("1") + "\n");
    world.more(2, result("\"m1\""));
    CHECK(world.transcript() == "= " + result("1") + "\n#2 cancelled\n");
  }
  SUBCASE("and then it fails") {
    world.fail(1, base::Kind::cut);
    world.pass(2s);
    world.forget();
    world.fail(2, base::Kind::cut);
    world.pass(1h);
    CHECK(world.transcript() == "! 1: -31003 network retryable=true executed=unknown attempts=2\n");
  }
  SUBCASE("a refusal is the answer") {
    world.forget();
    world.json(1, R"({"id":1,"error":{"code":-32601,"message":"x"}})", 404);
    CHECK(world.transcript() == "= 404 {\"id\":1,\"error\":{\"code\":-32601,\"message\":\"x\"}}\n");
  }
}

TEST_CASE("only what was asked for passes, and kinds that nobody here knows") {
  struct Row {
    std::string message;
    bool passes;
  };
  const std::string asked =
      R"("notifications":{"promptsListChanged":true,"toolsListChanged":false})";
  for (const Row& row :
       {Row{tagged("prompts/list_changed", "1"), true},
        Row{tagged("tools/list_changed", "1"), false},
        Row{tagged("resources/list_changed", "1"), false},
        Row{tagged("resources/updated", "1", R"(,"uri":"a")"), false},
        Row{tagged("progress", "1"), false}, Row{tagged("message", "1"), false},
        Row{tagged("cancelled", "1", R"(,"requestId":2)"), false}, Row{tagged("tasks", "1"), true},
        Row{R"({"id":1,"method":"roots/list"})", false}, Row{R"({"id":2,"result":{}})", false}}) {
    const auto& [message, passes] = row;
    CAPTURE(row.message);
    ModernWorld world;
    world.host(listen("1", asked));
    world.stream(1, ack("1", asked));
    world.forget();
    world.more(1, message);
    CHECK(world.transcript() == (passes ? "1 < " + message + "\n" : ""));
  }
}

TEST_CASE("a server that cancels its subscription has ended it") {
  ModernWorld world;
  open(world);
  world.more(1, tagged("cancelled", "1", R"(,"requestId":1)"));
  CHECK(world.transcript() ==
        "! 1: -31006 subscription_ended retryable=true executed=no attempts=0\n#1 cancelled\n");
  world.pass(1h);
  CHECK(world.requests() == 1);
}

TEST_CASE("cancelling a subscription closes its stream, or keeps it closed") {
  ModernWorld world;
  open(world);
  SUBCASE("open") {
    world.client.hold();
    world.more(1, tagged("tools/list_changed", "1"));
    world.cancel("1");
    world.client.release();
    world.turn();
    CHECK(world.transcript() == "#1 cancelled\n");
  }
  SUBCASE("broken") {
    world.end(1);
    world.cancel("1");
    CHECK(world.transcript().empty());
  }
  SUBCASE("in the middle of what the host is told") {
    world.end(1);
    world.pass(2s);
    world.forget();
    world.on_report = [&world] { world.server.cancel("1", nullptr); };
    world.stream(2, tagged("resources/updated", "\"m1\"", R"(,"uri":"b:2")"));
    CHECK(world.transcript() == "1 < " + tagged("tools/list_changed", "1") + "\n#2 cancelled\n");
  }
  world.pass(1h);
  CHECK(world.transcript().empty());
}

TEST_CASE("changed tools are not known any more") {
  ModernWorld world;
  open(world);
  world.host(R"({"id":2,"method":"tools/list","params":{"_meta":$M}})");
  world.json(2, R"({"id":2,"result":{"tools":[{"name":"a","inputSchema":{"type":"object",)"
                R"("properties":{"b":{"type":"string","x-mcp-header":"B"}}}}]}})");
  const std::string call =
      R"({"id":3,"method":"tools/call","params":{"name":"a","arguments":{"b":"c"},"_meta":$M}})";
  world.host(call);
  CHECK(world.request(3).field("Mcp-Param-B") == "c");
  world.cancel("3");
  SUBCASE("the server says so") { world.more(1, tagged("tools/list_changed", "1")); }
  SUBCASE("it may have said so") {
    world.end(1);
    world.pass(2s);
    world.stream(4, ack("\"m1\""));
  }
  const std::size_t n = world.requests() + 1;
  world.host(call);
  CHECK(world.request(n).field("Mcp-Param-B").empty());
}

}  // namespace
}  // namespace dogpipe::bridge
