// A host of 2026-07-28 on an older server: the session it does not see, requests and their answers.
// What the server asks meanwhile is in round_trip_test.cc, subscriptions in listens_test.cc.
#include <doctest/doctest.h>

#include "descent_world.h"
#include "mcp/codes.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::string_view kInitialized =
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

std::string error_of(std::string_view raw_id, int code, std::string_view message,
                     std::string_view data = R"({"source":"dogpipe"})") {
  return fmt::format(
      R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":"{}","data":{}}}}})", raw_id, code,
      message, data);
}

Failure unreachable() {
  Failure failure;
  failure.code = mcp::kUnreachable;
  failure.kind = "network";
  failure.message = "no way";
  return failure;
}

TEST_CASE("the first request opens the session, and those that come meanwhile follow in order") {
  DescentWorld world;
  world.host(ask("7", "tools/call", R"("name":"t","arguments":{"a": 1},)" + meta()));
  world.host(ask(R"("x")", "prompts/list", meta(kAllCapabilities)));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"u1","method":"initialize","params":)"
                              R"({"protocolVersion":"2025-11-25","capabilities":{},)"
                              R"("clientInfo":{"name":"h","version":"1"}}})"});
  world.server.answer(R"("u1")", kInitializeResult);
  CHECK(world.told() ==
        Texts{std::string(kInitialized),
              R"({"jsonrpc":"2.0","id":"u2","method":"tools/call","params":)"
              R"({"name":"t","arguments":{"a": 1}}})",
              R"({"jsonrpc":"2.0","id":"u3","method":"prompts/list","params":{}})"});
  CHECK(world.server.request(-1).method == "prompts/list");
  world.server.answer(R"("u3")", R"({"prompts":[]})");
  world.server.answer(R"("u2")", R"({"content":[]})");
  CHECK(world.heard() ==
        Texts{fmt::format(R"({{"jsonrpc":"2.0","id":"x","result":{{"prompts":[],)"
                          R"("resultType":"complete","ttlMs":0,"cacheScope":"private",{}}}}})",
                          kServerInfo),
              fmt::format(R"({{"jsonrpc":"2.0","id":7,"result":{{"content":[],)"
                          R"("resultType":"complete",{}}}}})",
                          kServerInfo)});
}

TEST_CASE(
    "without a session nothing but what waits for it fails, and the next request tries again") {
  DescentWorld world;
  world.host(ask("1", "tools/list", meta()));
  world.host(ask("2", "subscriptions/listen", R"("notifications":{},)" + meta()));
  world.server.refuse(R"("u1")", R"({"code":-32602,"message":"not you","data":{"a": 1}})");
  CHECK(
      world.heard() ==
      Texts{
          R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"not you","data":{"a": 1}}})",
          R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"not you","data":{"a": 1}}})"});
  world.host(ask("1", "tools/list", meta()));
  world.server.fail(R"("u2")", unreachable());
  CHECK(world.heard() == Texts{write_failure("1", unreachable())});
  world.sent = world.server.count();
  world.host(ask("1", "tools/list", meta()));
  world.server.answer(R"("u3")", kInitializeResult);
  CHECK(world.told().size() == 3);
  CHECK(world.heard().empty());
}

TEST_CASE("a session that is refused with a code that is retired is refused with another") {
  DescentWorld world;
  world.host(ask("1", "tools/list", meta()));
  world.server.refuse(R"("u1")", R"({"code":-32042,"message":"m"})");
  world.host(ask("2", "tools/list", meta()));
  world.server.refuse(R"("u2")", R"({"code":-32002,"message":"m"})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"m"}})",
              R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"m"}})"});
}

TEST_CASE("ids go back as they were spelled, and may be used again once answered") {
  DescentWorld world;
  world.open();
  for (const char* id : {"0", "-1", R"("")", "9007199254740993", "1.0", R"("\u00e9")", "0"}) {
    CAPTURE(id);
    world.host(ask(id, "x/y", meta()));
    world.server.answer(world.server.id(-1), "{}");
    CHECK(
        world.heard() ==
        Texts{fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"resultType":"complete",{}}}}})",
                          id, kServerInfo)});
  }
}

TEST_CASE("requests that do not say what they must, or speak another revision, go no further") {
  DescentWorld world;
  world.host(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  world.host(ask("2", "tools/list",
                 R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})"));
  world.host(ask("3", "tools/list",
                 R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01"})"));
  CHECK(world.heard() ==
        Texts{error_of("1", -32602, "the request does not say its protocol version in _meta"),
              error_of("2", -32602, "the request does not say the client's capabilities in _meta"),
              error_of(
                  "3", -32022, "unsupported protocol version",
                  R"({"source":"dogpipe","supported":["2026-07-28"],"requested":"2027-01-01"})")});
  CHECK(world.server.count() == 0);
}

TEST_CASE("methods that the newer revision has dropped do not reach the session") {
  DescentWorld world;
  world.open();
  for (const char* method : {"ping", "initialize", "logging/setLevel", "resources/subscribe",
                             "resources/unsubscribe", "tasks/get", "tasks/list"}) {
    CAPTURE(method);
    world.host(ask("1", method, meta()));
    CHECK(world.heard() == Texts{error_of("1", -32601, "2026-07-28 has no such method")});
  }
  CHECK(world.told().empty());
}

TEST_CASE("unknown methods and notifications cross without the claim") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "acme/do", R"("x":1,)" + meta("{}", R"(,"traceparent":"00","a/b":{})")));
  world.host(R"({"jsonrpc":"2.0","method":"notifications/acme","params":{"y":2,)" + meta() + "}}");
  world.host(R"({"jsonrpc":"2.0","method":"notifications/bare"})");
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"u3","method":"acme/do","params":)"
                              R"({"x":1,"_meta":{"traceparent":"00","a/b":{}}}})",
                              R"({"jsonrpc":"2.0","method":"notifications/acme","params":{"y":2}})",
                              R"({"jsonrpc":"2.0","method":"notifications/bare"})"});
  CHECK(world.server.id(-1).empty());
  CHECK(world.server.request(-1).method == "notifications/bare");
}

TEST_CASE("a notification waits for a session that is being opened, and opens none") {
  DescentWorld world;
  world.host(R"({"jsonrpc":"2.0","method":"notifications/acme"})");
  CHECK(world.server.count() == 0);
  world.host(ask("1", "tools/list", meta()));
  world.host(R"({"jsonrpc":"2.0","method":"notifications/acme"})");
  world.server.answer(R"("u1")", kInitializeResult);
  CHECK(world.server.request(-1).method == "notifications/acme");
  CHECK(world.server.request(-2).method == "tools/list");
  CHECK(world.server.count() == 4);
}

TEST_CASE("notifications that belong to a handshake or to requests of the server are dropped") {
  DescentWorld world;
  world.open();
  for (const char* method : {"initialized", "progress", "roots/list_changed"}) {
    world.host(fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/{}"}})", method));
  }
  CHECK(world.told().empty());
}

TEST_CASE("responses of the host are dropped: it is asked nothing") {
  DescentWorld world;
  world.open();
  world.host(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  world.host(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}})");
  CHECK(world.told().empty());
  CHECK(world.heard().empty());
}

TEST_CASE("a discovery is answered with what the server said when the session was opened") {
  DescentWorld world;
  world.host(ask("1", "server/discover", meta()));
  CHECK(world.heard().empty());
  world.server.answer(R"("u1")", kInitializeResult);
  world.host(ask("2", "server/discover", meta()));
  const std::string result =
      R"({"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,)"
      R"("listChanged":true},"prompts":{},"logging":{}},"instructions":"be kind",)"
      R"("supportedVersions":["2026-07-28"],"resultType":"complete","ttlMs":0,)"
      R"("cacheScope":"private",)" +
      std::string(kServerInfo) + "}";
  CHECK(world.heard() == Texts{R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}",
                               R"({"jsonrpc":"2.0","id":2,"result":)" + result + "}"});
  CHECK(world.server.count() == 2);  // initialize, notifications/initialized
}

TEST_CASE("answers that stand on several lines become one") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "x", meta()));
  world.server.answer_text(
      R"("u3")",
      "{\n \"jsonrpc\": \"2.0\",\n \"id\": \"u3\",\n \"result\": {\n \"a\": [\n "
      "1 ]\r\n }\n}");
  CHECK(world.heard() ==
        Texts{fmt::format(R"({{"jsonrpc":"2.0","id":1,"result":{{"a":[1],"resultType":"complete",)"
                          R"({}}}}})",
                          kServerInfo)});
}

TEST_CASE("errors of the server keep their bytes, but for codes that are retired") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "resources/read", R"("uri":"a",)" + meta()));
  world.server.refuse(R"("u3")", R"({"code":-32002,"message":"none","data":{"uri":"a"}})");
  world.host(ask("2", "tools/call", R"("name":"t",)" + meta()));
  world.server.refuse(R"("u4")", R"({ "code":-32000, "message":"m" })");
  world.host(ask("3", "tools/call", R"("name":"t",)" + meta()));
  world.server.fail(R"("u5")", unreachable());
  CHECK(
      world.heard() ==
      Texts{
          R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"none","data":{"uri":"a"}}})",
          R"({"jsonrpc":"2.0","id":2,"error":{ "code":-32000, "message":"m" }})",
          write_failure("3", unreachable())});
}

TEST_CASE("a cancellation goes up with the id that the server knows, and nothing comes back") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/call", R"("name":"t",)" + meta("{}", R"(,"progressToken":5)")));
  world.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,)"
             R"("reason":"no","_meta":{"io.modelcontextprotocol/x":1}}})");
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  CHECK(world.server.cancel_texts() ==
        Texts{R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
              R"("params":{"requestId":"u3","reason":"no"}})"});
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                              R"("params":{"progressToken":5,"progress":1}})");
  CHECK(world.heard().empty());
  world.loop.turn();
  CHECK(world.descent.idle());
  CHECK(world.idle_calls > 0);
}

TEST_CASE("a request that is cancelled while it waits for the session is never made") {
  DescentWorld world;
  world.host(ask("1", "tools/call", R"("name":"t",)" + meta()));
  world.host(ask("2", "tools/list", meta()));
  world.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  world.server.answer(R"("u1")", kInitializeResult);
  CHECK(world.server.count() == 3);
  CHECK(world.server.request(-1).method == "tools/list");
  CHECK(world.server.cancelled().empty());
}

TEST_CASE("progress on a request goes to the host, other progress does not") {
  DescentWorld world;
  world.open();
  const auto progress = [](std::string_view token) {
    return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress",)"
                       R"("params":{{"progressToken":{},"progress":1}}}})",
                       token);
  };
  world.host(ask("1", "tools/call", R"("name":"t",)" + meta("{}", R"(,"progressToken":"p")")));
  world.host(ask("2", "tools/call", R"("name":"t",)" + meta()));
  world.server.say(R"("u3")", progress(R"("p")"));
  world.server.say(R"("u3")", progress("7"));
  world.server.say(R"("u4")", progress("8"));
  world.server.say("", progress(R"("p")"));  // some servers put it there
  CHECK(world.heard() == Texts{progress(R"("p")"), progress(R"("p")")});
  world.server.answer(R"("u3")", "{}");
  world.heard();
  world.server.say("", progress(R"("p")"));
  CHECK(world.heard().empty());
}

TEST_CASE("the server logs as the most talkative request under way wants it") {
  DescentWorld world;
  world.open();
  const auto level = [](std::string_view name) {
    return fmt::format(R"(,"io.modelcontextprotocol/logLevel":"{}")", name);
  };
  world.host(ask("1", "tools/call", R"("name":"a",)" + meta("{}", level("warning"))));
  world.host(ask("2", "tools/call", R"("name":"b",)" + meta("{}", level("debug"))));
  world.host(ask("3", "tools/call", R"("name":"c",)" + meta("{}", level("error"))));
  world.host(ask("4", "tools/call", R"("name":"d",)" + meta()));
  const auto set = [](std::string_view id, std::string_view name) {
    return fmt::format(
        R"({{"jsonrpc":"2.0","id":"{}","method":"logging/setLevel","params":{{"level":"{}"}}}})",
        id, name);
  };
  const auto call = [](std::string_view id, std::string_view name) {
    return fmt::format(
        R"({{"jsonrpc":"2.0","id":"{}","method":"tools/call","params":{{"name":"{}"}}}})", id,
        name);
  };
  // u3 is the first call's id.
  CHECK(world.told() == Texts{set("u4", "warning"), call("u3", "a"), set("u6", "debug"),
                              call("u5", "b"), call("u7", "c"), call("u8", "d")});
  world.server.answer(R"("u4")", "{}");
  world.server.answer(R"("u5")", "{}");  // the debugging one
  CHECK(world.told() == Texts{set("u9", "warning")});
  world.server.answer(R"("u3")", "{}");
  CHECK(world.told() == Texts{set("u10", "error")});
  world.server.answer(R"("u7")", "{}");
  world.server.answer(R"("u8")", "{}");
  CHECK(world.told().empty());
  world.host(ask("5", "tools/call", R"("name":"e",)" + meta("{}", level("error"))));
  CHECK(world.told() == Texts{call("u11", "e")});
}

TEST_CASE(
    "a level that did not reach the server is set again, a server without logs hears of none") {
  DescentWorld world;
  world.open();
  const std::string level = R"(,"io.modelcontextprotocol/logLevel":"info")";
  world.host(ask("1", "x", meta("{}", level)));
  world.server.fail(R"("u4")", unreachable());
  world.host(ask("2", "x", meta("{}", level)));
  CHECK(world.server.request(-2).method == "logging/setLevel");
  CHECK(world.heard().empty());

  DescentWorld quiet;
  quiet.open(R"({"protocolVersion":"2025-11-25","capabilities":{}})");
  quiet.host(ask("1", "x", meta("{}", level)));
  CHECK(quiet.told() == Texts{R"({"jsonrpc":"2.0","id":"u3","method":"x","params":{}})"});
}

TEST_CASE("log lines reach the host on requests that want them, from their level on") {
  DescentWorld world;
  world.open();
  const auto line = [](std::string_view level) {
    return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/message",)"
                       R"("params":{{"level":"{}","data":{{ "a":1}}}}}})",
                       level);
  };
  world.host(ask("1", "x", meta("{}", R"(,"io.modelcontextprotocol/logLevel":"warning")")));
  world.host(ask("2", "x", meta()));
  for (const char* level : {"debug", "notice", "warning", "error", "odd"}) {
    world.server.say(R"("u3")", line(level));
    world.server.say(R"("u5")", line(level));
    world.server.say("", line(level));
  }
  CHECK(world.heard() == Texts{line("warning"), line("error")});
}

TEST_CASE("the server's pings are answered wherever they come, the host's never") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/list", meta()));
  world.told();
  world.server.say("", R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","id":4,"method":"ping","params":{}})");
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"p","result":{}})",
                              R"({"jsonrpc":"2.0","id":4,"result":{}})"});
  CHECK(world.server.id(-1).empty());
  CHECK(world.server.request(-1).method.empty());
  CHECK(world.heard().empty());
}

TEST_CASE("what the newer revision has no place for is dropped") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/call", R"("name":"t",)" + meta(kAllCapabilities)));
  for (const char* method :
       {"elicitation/complete", "tasks/status", "acme/news", "cancelled", "tools/list_changed"}) {
    for (const char* id : {"", R"("u3")"}) {
      world.server.say(id, fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/{}",)"
                                       R"("params":{{"requestId":"x"}}}})",
                                       method));
    }
  }
  CHECK(world.heard().empty());
}

TEST_CASE("a session that the server opens anew is not seen, and an incompatible one is left") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/list", meta()));
  world.descent.listener().on_session_gone();
  world.descent.listener().on_new_session();
  CHECK(world.heard().empty());
  world.server.answer(R"("u3")", R"({"tools":[]})");
  CHECK(world.heard().size() == 1);
  world.told();
  world.descent.listener().on_incompatible_session();
  world.host(ask("2", "tools/list", meta()));
  CHECK(world.server.request(-1).method == "initialize");
  CHECK(world.told().size() == 1);
}

TEST_CASE("it is idle when the host waits for nothing, and says so on a later turn") {
  DescentWorld world;
  CHECK(world.descent.idle());
  world.host(ask("1", "tools/list", meta()));
  CHECK_FALSE(world.descent.idle());
  world.server.answer(R"("u1")", kInitializeResult);
  CHECK_FALSE(world.descent.idle());
  world.loop.turn();
  CHECK(world.idle_calls == 0);
  world.server.answer(R"("u2")", R"({"tools":[]})");
  CHECK(world.descent.idle());
  CHECK(world.idle_calls == 0);
  world.loop.turn();
  CHECK(world.idle_calls == 1);
}

TEST_CASE("what is under way is given up without a word to the host") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/list", meta()));
  world.descent.abandon();
  CHECK(world.server.abandoned);
  CHECK(world.heard().empty());
  CHECK(world.descent.idle());
  bool left = false;
  world.descent.leave([&left] { left = true; });
  CHECK(left);
}

}  // namespace
}  // namespace dogpipe::bridge::descent
