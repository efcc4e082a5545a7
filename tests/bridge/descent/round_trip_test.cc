// What an older server asks while it works on a request, and how a host of 2026-07-28 answers.
#include <doctest/doctest.h>

#include "descent_world.h"
#include "mcp/codes.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::string_view kElicit =
    R"({"jsonrpc":"2.0","id":"srv-3","method":"elicitation/create",)"
    R"("params":{"message":"who?","requestedSchema":{"type":"object"}}})";

std::string elicit(std::string_view raw_id, std::string_view message) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"elicitation/create",)"
                     R"("params":{{"message":"{}"}}}})",
                     raw_id, message);
}

std::string call(std::string_view raw_id, std::string_view more = "",
                 std::string_view raw_capabilities = kAllCapabilities,
                 std::string_view in_meta = "") {
  return ask(
      raw_id, "tools/call",
      fmt::format(R"("name":"t","arguments":{{}},{}{})", more, meta(raw_capabilities, in_meta)));
}

std::string retry(std::string_view raw_id, std::string_view state, std::string_view responses,
                  std::string_view in_meta = "") {
  return call(raw_id, fmt::format(R"("inputResponses":{},"requestState":"{}",)", responses, state),
              kAllCapabilities, in_meta);
}

std::string invalid(std::string_view raw_id, std::string_view message) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-32602,"message":"{}",)"
                     R"("data":{{"source":"dogpipe"}}}}}})",
                     raw_id, message);
}

constexpr std::string_view kStale =
    "the request state is unknown, used already or expired: make the request anew without it";

std::string required(std::string_view raw_id, std::string_view requests, std::string_view state) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"resultType":"input_required",)"
                     R"("inputRequests":{{{}}},"requestState":"{}"}}}})",
                     raw_id, requests, state);
}

std::string form(int n, std::string_view message) {
  return fmt::format(R"("input-{}":{{"method":"elicitation/create","params":{{"message":"{}"}}}})",
                     n, message);
}

std::string done(std::string_view raw_id) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"content":[],)"
                     R"("resultType":"complete",{}}}}})",
                     raw_id, kServerInfo);
}

constexpr std::string_view kContent = R"({"content":[]})";
constexpr std::string_view kAccept = R"({"input-1":{"action":"accept","content":{"n":"x"}}})";

// A call under the host's id 7 is "u3" at the server, and its first handle is "u4".
struct Parking : DescentWorld {
  Parking() {
    open();
    host(call("7"));
    server.say(R"("u3")", elicit("1", "a"));
    lines.clear();
    sent = server.count();
  }
};

TEST_CASE("a question of the server ends the request, and its answer goes on with it") {
  DescentWorld world;
  world.open();
  world.host(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t","arguments":{},)"
             R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
             R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}})");
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"u3","method":"tools/call",)"
                              R"("params":{"name":"t","arguments":{}}})"});
  world.server.say(R"("u3")", kElicit);
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"input_required",)"
              R"("inputRequests":{"input-1":{"method":"elicitation/create","params":)"
              R"({"message":"who?","requestedSchema":{"type":"object"}}}},"requestState":"u4"}})"});
  CHECK(world.server.is_open(R"("u3")"));
  CHECK(world.descent.idle());
  world.host(
      R"({"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"t","arguments":{},)"
      R"("inputResponses":{"input-1":{"action":"accept","content":{"n": 1}}},"requestState":"u4",)"
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}})");
  CHECK(world.told() ==
        Texts{R"({"jsonrpc":"2.0","id":"srv-3","result":{"action":"accept","content":{"n": 1}}})"});
  CHECK(world.server.request(-1).method.empty());
  CHECK(world.server.id(-1).empty());
  CHECK_FALSE(world.descent.idle());
  world.server.answer(R"("u3")", R"({"content":[{"type":"text","text":"hi"}]})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":8,"result":{"content":[{"type":"text","text":"hi"}],)"
              R"("resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":)"
              R"({"name":"s","version":"9"}}}})"});
}

TEST_CASE("prompts and resources may ask as tools do, and so do sampling and roots") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "prompts/get", R"("name":"p",)" + meta(kAllCapabilities)));
  world.host(ask("2", "resources/read", R"("uri":"u",)" + meta(kAllCapabilities)));
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","id":5,"method":"sampling/createMessage",)"
                              R"("params":{"messages":[],"maxTokens":9,"task":{}}})");
  world.server.say(R"("u4")", R"({"jsonrpc":"2.0","id":6,"method":"roots/list"})");
  CHECK(world.heard() == Texts{required("1",
                                        R"("input-1":{"method":"sampling/createMessage",)"
                                        R"("params":{"messages":[],"maxTokens":9}})",
                                        "u5"),
                               required("2", R"("input-1":{"method":"roots/list"})", "u6")});
  world.told();
  world.host(
      ask("3", "resources/read",
          R"("uri":"u","requestState":"u6","inputResponses":{"input-1":{"roots":[]}},)" + meta()));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":6,"result":{"roots":[]}})"});
}

TEST_CASE("a handle is good once, however it is spelled, and only for its own request") {
  Parking world;
  constexpr std::string_view kOther = "the request state is that of another request";
  world.host(retry("1", "u5", kAccept));
  world.host(ask("2", "tools/call", R"("name":"u","requestState":"u4",)" + meta()));
  world.host(ask("3", "prompts/get", R"("name":"t","requestState":"u4",)" + meta()));
  world.host(ask("4", "tools/call", R"("name":"t","requestState":7,)" + meta()));
  CHECK(world.heard() == Texts{invalid("1", kStale), invalid("2", kOther), invalid("3", kOther),
                               invalid("4", kStale)});
  CHECK(world.told().empty());
  world.host(retry("8", "\\u00754", kAccept));
  CHECK(world.told().size() == 1);
  world.host(retry("9", "u4", kAccept));
  CHECK(world.heard() == Texts{invalid("9", kStale)});
  CHECK(world.told().empty());
  world.server.answer(R"("u3")", kContent);
  CHECK(world.heard() == Texts{done("8")});
}

TEST_CASE("what a retry does not answer is asked again under another handle") {
  Parking world;
  world.host(call("8", R"("requestState":"u4",)"));
  CHECK(world.heard() == Texts{required("8", form(1, "a"), "u5")});
  world.host(retry("9", "u5", R"({"other":{"action":"accept"}})"));
  CHECK(world.heard() == Texts{required("9", form(1, "a"), "u6")});
  CHECK(world.told().empty());
  world.host(retry("10", "u6", kAccept));
  CHECK(world.told().size() == 1);
  CHECK(world.heard().empty());
}

TEST_CASE("responses that are no objects are refused, and the handle stays good") {
  Parking world;
  for (const char* responses : {"[]", "7", R"({"input-1":"yes"})", R"({"input-1":null})"}) {
    CAPTURE(responses);
    world.host(retry("8", "u4", responses));
    CHECK(world.heard() == Texts{invalid("8", "the input responses are no objects")});
  }
  CHECK(world.told().empty());
  world.host(retry("8", "u4", kAccept));
  CHECK(world.told().size() == 1);
}

TEST_CASE("questions that come while the host is asked are asked next, together") {
  Parking world;
  world.server.say(R"("u3")", elicit("2", "b"));
  world.server.say(R"("u3")", elicit("3", "c"));
  world.server.say(R"("u3")", elicit("3", "c"));  // a stream that was resumed says it again
  CHECK(world.heard().empty());
  world.host(retry("8", "u4", kAccept));
  CHECK(world.told() ==
        Texts{R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"n":"x"}}})"});
  CHECK(world.heard() == Texts{required("8", form(2, "b") + ',' + form(3, "c"), "u5")});
  world.host(retry("9", "u5", R"({"input-3":{"action":"decline"},"input-2":{"action":"cancel"}})"));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":2,"result":{"action":"cancel"}})",
                              R"({"jsonrpc":"2.0","id":3,"result":{"action":"decline"}})"});
  world.server.say(R"("u3")", elicit("4", "d"));
  CHECK(world.heard() == Texts{required("9", form(4, "d"), "u6")});
}

TEST_CASE("a server that asks too much at a time is refused") {
  Parking world;
  for (int i = 2; i <= 65; ++i) world.server.say(R"("u3")", elicit(std::to_string(i), "q"));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":65,"error":{"code":-32603,)"
                              R"("message":"the client is asked too much at a time"}})"});
}

TEST_CASE("what the server answers while the host is asked waits for the retry") {
  Parking world;
  world.server.answer(R"("u3")", kContent);
  CHECK(world.heard().empty());
  world.host(retry("8", "u4", R"({"input-1":null})"));
  CHECK(world.told().empty());  // the question is of no interest any more
  CHECK(world.heard() == Texts{done("8")});
  world.host(retry("9", "u4", kAccept));
  CHECK(world.heard() == Texts{invalid("9", kStale)});

  Parking broken;
  Failure failure;
  failure.code = mcp::kOutcomeUnknown;
  failure.kind = "unknown";
  broken.server.fail(R"("u3")", failure);
  broken.host(retry("8", "u4", kAccept));
  CHECK(broken.heard() == Texts{write_failure("8", failure)});
}

TEST_CASE("a question that the server withdraws needs no answer") {
  Parking world;
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                              R"("params":{"requestId":1}})");
  world.host(retry("8", "u4", kAccept));
  CHECK(world.told().empty());
  CHECK(world.heard().empty());
  world.server.answer(R"("u3")", kContent);
  CHECK(world.heard() == Texts{done("8")});
}

TEST_CASE("progress and log lines follow the request that the host waits for") {
  DescentWorld world;
  world.open();
  const auto progress = [](std::string_view token, int value) {
    return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress",)"
                       R"("params":{{"progressToken":{},"progress":{}}}}})",
                       token, value);
  };
  const std::string log_line =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})";
  const std::string info = R"(,"io.modelcontextprotocol/logLevel":"info")";
  world.host(call("7", "", kAllCapabilities, R"(,"progressToken":7)"));
  world.server.say(R"("u3")", progress("7", 1));
  world.server.say(R"("u3")", elicit("1", "a"));
  CHECK(world.heard() == Texts{progress("7", 1), required("7", form(1, "a"), "u4")});
  world.server.say(R"("u3")", progress("7", 2));
  world.server.say(R"("u3")", log_line);
  CHECK(world.heard().empty());
  world.host(retry("8", "u4", kAccept, R"(,"progressToken":"eight")" + info));
  world.server.say(R"("u3")", progress("7", 3));
  world.server.say(R"("u3")", log_line);
  CHECK(world.heard() == Texts{progress(R"("eight")", 3), log_line});
}

TEST_CASE("a retry that wants no progress gets none, and one that is cancelled ends the call") {
  DescentWorld world;
  world.open();
  world.host(call("7", "", kAllCapabilities, R"(,"progressToken":7)"));
  world.server.say(R"("u3")", elicit("1", "a"));
  world.heard();
  world.host(retry("8", "u4", kAccept));
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                              R"("params":{"progressToken":7,"progress":1}})");
  CHECK(world.heard().empty());
  world.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":8}})");
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  CHECK(world.server.cancel_texts() == Texts{R"({"jsonrpc":"2.0","method":)"
                                             R"("notifications/cancelled","params":)"
                                             R"({"requestId":"u3"}})"});
}

TEST_CASE("a request that has been answered with questions cannot be cancelled any more") {
  Parking world;
  world.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(world.server.cancelled().empty());
  world.host(retry("8", "u4", kAccept));
  CHECK(world.told().size() == 1);
}

TEST_CASE("a host that does not come back is waited for half an hour") {
  Parking world;
  world.loop.pass(std::chrono::minutes(10));
  world.host(call("9"));
  world.server.say(R"("u5")", elicit("2", "b"));
  CHECK(world.heard() == Texts{required("9", form(1, "b"), "u6")});
  world.told();
  world.loop.pass(std::chrono::minutes(20) - std::chrono::seconds(1));
  CHECK(world.told().empty());
  world.loop.pass(std::chrono::seconds(1));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,)"
                              R"("message":"the client has not answered in time"}})"});
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  CHECK(world.server.cancel_texts() == Texts{""});
  world.host(retry("8", "u4", kAccept));
  CHECK(world.heard() == Texts{invalid("8", kStale)});
  world.loop.pass(std::chrono::minutes(10));
  CHECK(world.server.cancelled() == Texts{R"("u3")", R"("u5")"});
  CHECK_FALSE(world.loop.waits_for_a_timer());
}

TEST_CASE("a call that came back in time is not given up later") {
  Parking world;
  world.host(retry("8", "u4", kAccept));
  world.loop.pass(std::chrono::hours(5));
  CHECK(world.server.cancelled().empty());
  world.server.answer(R"("u3")", kContent);
  CHECK(world.heard() == Texts{done("8")});
}

TEST_CASE("an answer that is not fetched is forgotten without a word") {
  Parking world;
  world.server.answer(R"("u3")", kContent);
  world.loop.pass(std::chrono::minutes(31));
  CHECK(world.server.cancelled().empty());
  CHECK(world.told().empty());
  world.host(retry("8", "u4", kAccept));
  CHECK(world.heard() == Texts{invalid("8", kStale)});
}

TEST_CASE("of too many calls that wait for the host the oldest is given up") {
  Parking world;
  for (std::size_t i = 1; i < Parked::kMost; ++i) {
    world.host(call("9"));
    world.server.say(world.server.id(-1), elicit("2", "b"));
  }
  CHECK(world.server.cancelled().empty());
  world.host(call("9"));
  world.server.say(world.server.id(-1), elicit("2", "b"));
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  world.heard();
  world.host(retry("8", "u4", kAccept));
  CHECK(world.heard() == Texts{invalid("8", kStale)});
}

TEST_CASE("a lost session fails what waits for the host") {
  Parking world;
  world.descent.listener().on_session_gone();
  CHECK(world.server.cancelled().empty());  // the server is busy with its session
  world.loop.turn();
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  world.host(retry("8", "u4", kAccept));
  CHECK(world.told().empty());
  const Texts heard = world.heard();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].starts_with(R"({"jsonrpc":"2.0","id":8,"error":{"code":-31012,)"));
  CHECK(heard[0].find(R"("executed":"unknown")") != std::string::npos);
}

TEST_CASE("a call that the server itself fails with its session is not cancelled in the next") {
  Parking world;
  world.descent.listener().on_session_gone();
  world.server.fail(R"("u3")", {});
  world.loop.turn();
  CHECK(world.server.cancelled().empty());
}

TEST_CASE("an answer of the host's that does not reach the server fails the call") {
  Parking world;
  world.host(retry("8", "u4", kAccept));
  Failure failure;
  failure.code = mcp::kUnreachable;
  failure.kind = "network";
  failure.retryable = true;
  world.descent.listener().on_failure(world.server.request(-1), failure);
  CHECK(world.server.cancelled() == Texts{R"("u3")"});
  failure.executed = Executed::unknown;
  failure.retryable = false;  // it has begun
  CHECK(world.heard() == Texts{write_failure("8", failure)});
}

TEST_CASE("the client is asked only on the stream of requests that may have questions") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "tools/list", meta(kAllCapabilities)));
  world.host(call("2"));
  world.told();
  world.server.say("", elicit("1", "a"));
  world.server.say(R"("u3")", elicit("2", "a"));
  world.server.say(R"("u4")", R"({"jsonrpc":"2.0","id":3,"method":"tasks/get"})");
  const std::string place =
      "the client can be asked only on the stream of a tools/call, prompts/get or resources/read "
      "that is under way";
  const auto refused = [](std::string_view id, int code, std::string_view message) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":"{}"}}}})", id,
                       code, message);
  };
  CHECK(world.told() == Texts{refused("1", -32602, place), refused("2", -32602, place),
                              refused("3", -32601, "the client has no such method")});
  CHECK(world.heard().empty());
}

TEST_CASE("what the request did not declare is not asked, and is named if it fails for that") {
  DescentWorld world;
  world.open();
  world.host(call("1", "", R"({"elicitation":{"url":{}}})"));
  world.told();
  world.server.say(R"("u3")", kElicit);
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"srv-3","error":{"code":-32602,)"
                              R"("message":"the client has not declared that capability"}})"});
  CHECK(world.heard().empty());
  world.server.refuse(R"("u3")", R"({"code":-32602,"message":"the client has not declared ..."})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32021,)"
              R"("message":"the server needs a capability that the request does not declare",)"
              R"("data":{"source":"dogpipe","requiredCapabilities":)"
              R"({"elicitation":{"form":{}}}}}})"});
}

TEST_CASE("a request that fails for another reason, or does not, is not blamed on capabilities") {
  DescentWorld world;
  world.open();
  const auto ask_undeclared = [&world] {
    world.host(call("1", "", "{}"));
    const std::string id = world.server.id(-1);
    world.server.say(id, kElicit);
    return id;
  };
  world.server.refuse(ask_undeclared(), R"({"code":-32000,"message":"disk full"})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"disk full"}})"});
  world.server.answer(ask_undeclared(), kContent);
  CHECK(world.heard() == Texts{done("1")});

  world.host(call("1", "", R"({"roots":{}})"));
  const std::string id = world.server.id(-1);
  world.server.say(id, kElicit);
  world.server.say(id, R"({"jsonrpc":"2.0","id":6,"method":"roots/list"})");
  world.heard();
  const std::string state = fmt::format("u{}", world.minted);
  world.host(retry("2", state, R"({"input-2":{"roots":[]}})"));
  world.server.refuse(id, R"({"code":-32601,"message":"m"})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"m"}})"});
}

TEST_CASE("a retry is asked only what it declares itself") {
  Parking world;
  world.server.say(R"("u3")", R"({"jsonrpc":"2.0","id":2,"method":"roots/list"})");
  world.host(call("8", R"("requestState":"u4",)", R"({"roots":{}})"));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,)"
                              R"("message":"the client has not declared that capability"}})"});
  CHECK(world.heard() == Texts{required("8", R"("input-2":{"method":"roots/list"})", "u5")});
}

constexpr std::string_view kUrlRequired =
    R"({"code":-32042,"message":"sign in","data":{"elicitations":[{"mode":"url",)"
    R"("message":"a","url":"https://a","elicitationId":"e"}]}})";

TEST_CASE("a demand for URL elicitation becomes questions whose retry is the request again") {
  DescentWorld world;
  world.open();
  world.host(call("1"));
  world.server.refuse(R"("u3")", kUrlRequired);
  CHECK(world.heard() == Texts{R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required",)"
                               R"("inputRequests":{"input-1":{"method":"elicitation/create",)"
                               R"("params":{"mode":"url","message":"a","url":"https://a"}}}}})"});
  world.told();
  world.host(call("2", R"("inputResponses":{"input-1":{"action":"accept"}},)"));
  CHECK(world.told() == Texts{R"({"jsonrpc":"2.0","id":"u4","method":"tools/call",)"
                              R"("params":{"name":"t","arguments":{}}})"});
  world.server.answer(R"("u4")", kContent);
  CHECK(world.heard() == Texts{done("2")});
}

TEST_CASE("a user who declines is not asked for ever") {
  DescentWorld world;
  world.open();
  world.host(call("2", R"("inputResponses":{"input-1":{"action":"decline"}},)"));
  world.server.refuse(R"("u3")", kUrlRequired);
  CHECK(world.heard() == Texts{R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,)"
                               R"("message":"the user has declined what the server requires",)"
                               R"("data":{"source":"dogpipe"}}})"});
}

TEST_CASE("a demand that the host cannot meet is an error that says so") {
  DescentWorld world;
  world.open();
  world.host(call("1", "", R"({"elicitation":{}})"));
  world.server.refuse(R"("u3")", kUrlRequired);
  world.host(ask("2", "tools/list", meta(kAllCapabilities)));
  world.server.refuse(R"("u4")", R"({"code":-32042,"message":"m","data":{"elicitations":[)"
                                 R"({"url":"u"}]}})");
  CHECK(world.heard() ==
        Texts{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32021,)"
              R"("message":"the server needs a capability that the request does not declare",)"
              R"("data":{"source":"dogpipe","requiredCapabilities":{"elicitation":{"url":{}}}}}})",
              R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"m",)"
              R"("data":{"elicitations":[{"url":"u"}]}}})"});
}

TEST_CASE("what waits for the host keeps nothing from ending, and ends with the rest") {
  Parking world;
  CHECK_FALSE(world.server.idle());
  CHECK(world.descent.idle());
  world.descent.abandon();
  CHECK(world.server.abandoned);
  world.loop.pass(std::chrono::hours(1));
  CHECK(world.heard().empty());
  CHECK(world.told().empty());
}

}  // namespace
}  // namespace dogpipe::bridge::descent
