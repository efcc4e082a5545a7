// Requests, notifications and answers between a host and a server of the other era.
#include "bridge/ascent/ascent.h"

#include <doctest/doctest.h>

#include "scene.h"

namespace dogpipe::bridge::ascent {
namespace {

TEST_CASE("an elicitation within a tool call, as the host and the server see it") {
  AscentScene scene;
  const std::string capabilities = R"({"elicitation":{"form":{},"url":{}}})";
  scene.open("2025-11-25", capabilities);
  scene.host(R"({"jsonrpc":"2.0","id":7,"method":"tools/call",)"
             R"("params":{"name":"t","arguments":{}}})");
  scene.server.answer("\"b2\"", R"({"resultType":"input_required","inputRequests":{"k":)"
                                R"({"method":"elicitation/create","params":{"mode":"form",)"
                                R"("message":"who?","requestedSchema":{"type":"object",)"
                                R"("properties":{}}}}},"requestState":"Z\u002f"})");
  scene.host(R"({"jsonrpc":"2.0","id":"b3","result":{"action":"accept","content":{ "n": 1.0 }}})");
  scene.server.answer("\"b4\"", R"({"resultType":"complete","content":[{"type":"text",)"
                                R"("text":"done"}]})");
  const std::string claim = meta(capabilities);
  const Lines expected = {
      R"(S {"jsonrpc":"2.0","id":"b2","method":"tools/call","params":{"name":"t","arguments":{},)" +
          claim + "}}",
      R"(H {"jsonrpc":"2.0","id":"b3","method":"elicitation/create","params":{"mode":"form",)"
      R"("message":"who?","requestedSchema":{"type":"object","properties":{}}}})",
      R"(S {"jsonrpc":"2.0","id":"b4","method":"tools/call","params":{"name":"t","arguments":{},)" +
          claim +
          R"(,"inputResponses":{"k":{"action":"accept","content":{ "n": 1.0 }}},)"
          R"("requestState":"Z\u002f"}})",
      R"(H {"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"done"}]}})"};
  CHECK(scene.take_transcript() == expected);
  scene.loop.turn();
  CHECK(scene.idles == 1);
}

TEST_CASE("ids of the host come back as it wrote them, and the server gets others") {
  AscentScene scene;
  scene.open();
  for (const char* id : {"1", "\"1\"", "1.0", "\"a\\/b\"", "9007199254740993", "-0"}) {
    scene.request(id, "tools/list");
    CHECK(scene.server.id(-1).starts_with("\"b"));
    scene.server.answer(scene.server.id(-1), R"({"resultType":"complete"})");
    scene.request(id, "tools/list");
    scene.server.refuse(scene.server.id(-1), R"({"code":1,"message":"m"})");
    CHECK(scene.take() == Lines{response(id, "{}"), std::string(R"({"jsonrpc":"2.0","id":)") + id +
                                                        R"(,"error":{"code":1,"message":"m"}})"});
  }
}

TEST_CASE("answers that need no change keep every byte but the id") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call");
  scene.server.answer_text("\"b2\"", R"({ "result" : {"b":1, "a": 1.0} , "x":[ 1 ], "id" : "b2" ,)"
                                     R"("jsonrpc":"2.0"})");
  scene.request("2", "tools/call");
  scene.server.answer_text(
      "\"b3\"", R"({ "id":"b3","error":{"message":"m" ,"code":-32000}, "jsonrpc":"2.0"})");
  CHECK(scene.take() ==
        Lines{R"({ "result" : {"b":1, "a": 1.0} , "x":[ 1 ], "id" : 1 ,"jsonrpc":"2.0"})",
              R"({ "id":2,"error":{"message":"m" ,"code":-32000}, "jsonrpc":"2.0"})"});
}

TEST_CASE("an error without an id gets the one of its request") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call");
  scene.server.answer_text("\"b2\"", R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"m"}})",
                           400);
  CHECK(scene.take() == Lines{R"({"id":1,"jsonrpc":"2.0","error":{"code":-32000,"message":"m"}})"});
}

TEST_CASE("answers in several lines become one") {
  AscentScene scene;
  scene.open("2025-11-25", R"({"roots":{}})");
  scene.request("1", "tools/list");
  scene.server.answer_text("\"b2\"",
                           "{\"jsonrpc\":\"2.0\",\n\"id\":\"b2\",\"result\":{\n"
                           "\"resultType\":\"complete\",\n\"tools\":[\n]}}");
  scene.request("2", "tools/list");
  scene.server.answer_text("\"b3\"",
                           "{\"jsonrpc\":\"2.0\",\n\"id\":\"b3\",\"result\":{\n\"tools\":[\n]}}");
  scene.request("3", "tools/call");
  scene.server.answer_text("\"b4\"",
                           "{\"jsonrpc\":\"2.0\",\n\"id\":\"b4\",\"result\":{\n"
                           "\"resultType\":\"input_required\",\"inputRequests\":{\"k\":{"
                           "\"method\":\"roots/list\",\"params\":{\n}}}}}");
  CHECK(scene.take() == Lines{response("1", R"({"tools":[]})"), response("2", R"({"tools":[]})"),
                              R"({"jsonrpc":"2.0","id":"b5","method":"roots/list","params":{}})"});
}

TEST_CASE("requests without params get some, and those of any method are forwarded") {
  AscentScene scene;
  scene.open();
  scene.host(R"({"jsonrpc":"2.0","id":1,"method":"vendor\/x"})");
  CHECK(scene.server.request(-1).method == "vendor/x");
  CHECK(
      scene.take_transcript() ==
      Lines{R"(S {"jsonrpc":"2.0","id":"b2","method":"vendor/x","params":{)" + meta("{}") + "}}"});
}

TEST_CASE("params that are no object are refused") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/list", "[1]");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/x","params":[1]})");
  CHECK(scene.take() == Lines{refusal("1", -32602, "params must be an object")});
  CHECK(scene.server.count() == 1);
}

TEST_CASE("what has no counterpart in the newer revision is not there") {
  AscentScene scene;
  scene.open();
  for (const char* method :
       {"tasks/get", "tasks/result", "tasks/list", "tasks/cancel", "subscriptions/listen"}) {
    scene.request("1", method);
    CHECK(scene.take() == Lines{refusal("1", -32601, "the server does not have this method")});
  }
  CHECK(scene.server.count() == 1);
  scene.loop.turn();
  CHECK(scene.idles == 1);
}

TEST_CASE("a log level goes along with each request from then on") {
  AscentScene scene;
  scene.open("2025-11-25", "{}", R"({"logging":{}})");
  scene.request("1", "tools/list");
  CHECK(scene.server.text(-1).find("logLevel") == std::string::npos);
  scene.request("2", "logging/setLevel", R"({"level":"w\u0061rning"})");
  scene.request("3", "logging/setLevel", R"({"level":"loud"})");
  scene.request("4", "logging/setLevel");
  CHECK(scene.take() == Lines{response("2", "{}"), refusal("3", -32602, "there is no such level"),
                              refusal("4", -32602, "there is no such level")});
  scene.request("5", "tools/list");
  CHECK(scene.server.text(-1).find(R"("io.modelcontextprotocol/logLevel":"warning")") !=
        std::string::npos);
  CHECK(scene.server.count() == 3);
}

TEST_CASE("a server without logging has no levels") {
  AscentScene scene;
  scene.open();
  scene.request("1", "logging/setLevel", R"({"level":"info"})");
  CHECK(scene.take() == Lines{refusal("1", -32601, "the server does not offer logging")});
}

TEST_CASE("notifications that a newer server cannot use go nowhere, others do") {
  AscentScene scene;
  scene.open();
  for (const char* method : {"notifications/progress", "notifications/roots/list_changed",
                             "notifications/tasks/status"}) {
    scene.host(rpc::write_call("", method, "{}"));
  }
  CHECK(scene.server.count() == 1);
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":1}})");
  CHECK(scene.server.id(-1).empty());
  CHECK(scene.take_transcript() ==
        Lines{R"(S {"jsonrpc":"2.0","method":"notifications/x","params":{"a":1,)" + meta("{}") +
              "}}"});
}

TEST_CASE("progress and logs of a request pass byte for byte, and nothing after its answer") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call", R"({"_meta":{"progressToken":"t"}})");
  const std::string progress = R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                               R"( "params":{"progressToken":"t","progress":1.0}})";
  const std::string log = R"({"jsonrpc":"2.0","method":"notifications/message","params":)"
                          R"({"level":"info","data":{ "a": 1 }}})";
  scene.server.say("\"b2\"", progress);
  scene.server.say("\"b2\"", progress);  // in one round the server answers for itself
  scene.server.say("\"b2\"", log);
  CHECK(scene.take() == Lines{progress, progress, log});
  scene.server.answer("\"b2\"", "{}");
  scene.take();
  scene.server.say("\"b2\"", progress);
  scene.server.say("", log);
  CHECK(scene.take().empty());
}

TEST_CASE("what has no place on the stream of a request is dropped") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call");
  for (const char* method :
       {"notifications/tools/list_changed", "notifications/prompts/list_changed",
        "notifications/resources/list_changed", "notifications/resources/updated",
        "notifications/subscriptions/acknowledged", "notifications/cancelled",
        "notifications/tasks", "notifications/tasks/status"}) {
    scene.server.say("\"b2\"", rpc::write_call("", method, "{}"));
  }
  scene.server.say("\"b2\"", R"({"jsonrpc":"2.0","id":5,"method":"ping"})");
  CHECK(scene.take().empty());
  scene.server.say("\"b2\"", R"({"jsonrpc":"2.0","method":"notifications/new"})");
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","method":"notifications/new"})"});
}

TEST_CASE("a cancelled request is given up at the server, and not answered") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
  CHECK(scene.server.cancel_texts() == Lines{""});
  CHECK(scene.take().empty());
  CHECK(scene.ascent->idle());
  scene.loop.turn();
  CHECK(scene.idles == 1);
}

TEST_CASE("a failure on the way is the answer") {
  AscentScene scene;
  scene.open();
  scene.request("\"x\"", "tools/call");
  Failure failure;
  failure.code = -31009;
  failure.kind = "network";
  failure.message = "cut";
  failure.executed = Executed::unknown;
  scene.server.fail(scene.server.id(-1), failure);
  CHECK(scene.take() == Lines{write_failure("\"x\"", failure)});
  CHECK(scene.ascent->idle());
}

TEST_CASE("a notification that does not arrive bothers nobody") {
  AscentScene scene;
  scene.open();
  scene.ascent->listener().on_failure({"", "notifications/x", nullptr}, Failure());
  CHECK(scene.take().empty());
}

TEST_CASE("errors and results are told in the host's revision") {
  AscentScene scene;
  scene.open();
  scene.request("1", "resources/read", R"({"uri":"u"})");
  scene.server.refuse(scene.server.id(-1), R"({"code":-32602,"message":"m","data":{"uri":"u"}})",
                      400);
  scene.request("2", "tools/list");
  scene.server.answer(scene.server.id(-1), R"({"tools":[],"ttlMs":0})");
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"m",)"
                              R"("data":{"uri":"u"}}})",
                              response("2", R"({"tools":[]})")});
}

TEST_CASE("a kind of answer that the host cannot know is an error") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/call");
  scene.server.answer(scene.server.id(-1), R"({"resultType":"task","taskId":"1"})");
  CHECK(scene.take() == Lines{refusal("1", -32603,
                                      "the server's answer is of a kind that this client's "
                                      "revision does not have")});
  CHECK(scene.ascent->idle());
}

TEST_CASE("an id can be used again once it is answered") {
  AscentScene scene;
  scene.open();
  for (int i = 0; i < 2; ++i) {
    scene.request("1", "tools/list");
    scene.server.answer(scene.server.id(-1), "{}");
  }
  CHECK(scene.take() == Lines{response("1", "{}"), response("1", "{}")});
}

TEST_CASE("many requests are under way at once, each with its own answer") {
  AscentScene scene;
  scene.open();
  for (int i = 0; i < 20; ++i) scene.request(std::to_string(i), "tools/list");
  CHECK_FALSE(scene.ascent->idle());
  for (int i = 19; i >= 0; --i) {
    scene.server.answer(scene.server.id(i + 1), R"({"n":)" + std::to_string(i) + "}");
  }
  const Lines told = scene.take();
  REQUIRE(told.size() == 20);
  for (int i = 0; i < 20; ++i) {
    CHECK(told[19 - static_cast<std::size_t>(i)] ==
          response(std::to_string(i), R"({"n":)" + std::to_string(i) + "}"));
  }
  CHECK(scene.ascent->idle());
}

TEST_CASE("at an abandoned end the server is told of everything, the host of nothing") {
  AscentScene scene;
  scene.open("2025-11-25", R"({"roots":{}})", R"({"tools":{"listChanged":true}})");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");  // b2
  scene.request("1", "tools/call");                                         // b3
  scene.request("2", "tools/call");                                         // b4
  scene.server.answer("\"b4\"", R"({"resultType":"input_required","inputRequests":)"
                                R"({"k":{"method":"roots/list"}}})");
  scene.take();
  scene.ascent->abandon();
  CHECK(scene.server.cancelled() == Lines{"\"b3\"", "\"b2\""});
  CHECK(scene.take().empty());
  CHECK(scene.ascent->idle());
  scene.ascent.reset();
  CHECK(scene.server.cancelled().size() == 2);
}

TEST_CASE("leaving closes what is listened to") {
  AscentScene scene;
  scene.open("2025-11-25", "{}", R"({"tools":{"listChanged":true}})");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  bool done = false;
  scene.ascent->leave([&] { done = true; });
  CHECK(done);
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
