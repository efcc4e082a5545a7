// News of the server for a host that subscribes in the old way.
#include "bridge/ascent/host_subscriptions.h"

#include <doctest/doctest.h>

#include "scene.h"

namespace dogpipe::bridge::ascent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAll = R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},)"
                                  R"("resources":{"listChanged":true,"subscribe":true}})";
constexpr std::string_view kResources = R"({"resources":{"subscribe":true}})";

std::string tagged(std::string_view method, std::string_view id, std::string_view more = "") {
  return rpc::write_call("", method,
                         R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
                             std::string(id) + "}" + std::string(more) + "}");
}
std::string updated(std::string_view uri) {
  return rpc::write_call("", "notifications/resources/updated",
                         R"({"uri":)" + std::string(uri) + "}");
}
std::string changed(std::string_view kind) {
  return rpc::write_call("", "notifications/" + std::string(kind) + "/list_changed", "");
}

struct SubscriptionScene : AscentScene {
  explicit SubscriptionScene(std::string_view server_capabilities = kAll) {
    open("2025-11-25", "{}", server_capabilities);
  }
  void initialized() { host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"); }
  void subscribe(std::string_view id, std::string_view raw_uri) {
    request(id, "resources/subscribe", R"({"uri":)" + std::string(raw_uri) + "}");
  }
  void unsubscribe(std::string_view id, std::string_view raw_uri) {
    request(id, "resources/unsubscribe", R"({"uri":)" + std::string(raw_uri) + "}");
  }
  void acknowledge(std::string_view id, std::string_view filter) {
    server.say(id, tagged("notifications/subscriptions/acknowledged", id,
                          R"(,"notifications":)" + std::string(filter)));
  }
  // What the last listen is for.
  std::string filter() const {
    const std::string_view params = *rpc::member(server.text(-1), "params");
    return std::string(*rpc::member(params, "notifications"));
  }
};

TEST_CASE("a host that is ready is listened for, with what the server announces") {
  SubscriptionScene scene;
  scene.initialized();
  CHECK(scene.take_transcript() ==
        Lines{R"(S {"jsonrpc":"2.0","id":"b2","method":"subscriptions/listen","params":)"
              R"({"notifications":{"toolsListChanged":true,"promptsListChanged":true,)"
              R"("resourcesListChanged":true},)" +
              meta("{}") + "}}"});
  CHECK(scene.server.request(-1).method == "subscriptions/listen");
  CHECK(scene.ascent->idle());
  scene.acknowledge("\"b2\"", R"({"toolsListChanged":true})");
  scene.initialized();
  CHECK(scene.server.count() == 2);
  CHECK(scene.take().empty());
}

TEST_CASE("a server that announces nothing is not listened to") {
  SubscriptionScene scene(kResources);
  scene.initialized();
  CHECK(scene.server.count() == 1);
}

TEST_CASE("news lose the tag of their subscription, and what is not news goes no further") {
  SubscriptionScene scene;
  scene.initialized();
  scene.server.say("\"b2\"", tagged("notifications/tools/list_changed", "\"b2\""));
  CHECK(scene.take().empty());  // not before the acknowledgement
  scene.acknowledge("\"b2\"", "{}");
  scene.server.say("\"b2\"", tagged("notifications/tools/list_changed", "\"b2\""));
  scene.server.say("\"b2\"", tagged("notifications/prompts/list_changed", "\"b2\""));
  scene.server.say("\"b2\"", tagged("notifications/resources/list_changed", "\"b2\""));
  scene.server.say("\"b2\"",
                   tagged("notifications/resources/updated", "\"b2\"", R"(,"uri":"a\/b","n":1.0)"));
  scene.server.say("\"b2\"", R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed",)"
                             R"("params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"b2",)"
                             R"("x": 1}}})");
  scene.server.say("\"b2\"", tagged("notifications/message", "\"b2\""));
  scene.server.say("\"b2\"", tagged("notifications/cancelled", "\"b2\""));
  scene.acknowledge("\"b2\"", "{}");
  CHECK(scene.take() == Lines{changed("tools"), changed("prompts"), changed("resources"),
                              R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                              R"("params":{"uri":"a\/b","n":1.0}})",
                              R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed",)"
                              R"("params":{"_meta":{"x":1}}})"});
}

TEST_CASE("a resource is subscribed to by a second listen, then the first is closed") {
  SubscriptionScene scene(R"({"tools":{"listChanged":true},"resources":{"subscribe":true}})");
  scene.initialized();
  scene.acknowledge("\"b2\"", R"({"toolsListChanged":true})");
  scene.subscribe("1", R"("file:\/\/\/a")");
  CHECK(scene.server.id(-1) == "\"b3\"");
  CHECK(scene.filter() == R"({"toolsListChanged":true,"resourceSubscriptions":["file:\/\/\/a"]})");
  CHECK(scene.take().empty());
  CHECK_FALSE(scene.ascent->idle());
  CHECK(scene.server.cancelled().empty());
  scene.server.say("\"b2\"", tagged("notifications/tools/list_changed", "\"b2\""));
  CHECK(scene.take() == Lines{changed("tools")});  // nothing is lost meanwhile
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["file:///a"]})");
  CHECK(scene.take() == Lines{response("1", "{}")});
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
  CHECK(scene.ascent->idle());
  scene.server.say("\"b3\"",
                   tagged("notifications/resources/updated", "\"b3\"", R"(,"uri":"file:///a/x")"));
  CHECK(scene.take() == Lines{updated(R"("file:///a/x")")});
  scene.subscribe("2", R"("file:///a")");  // has it already
  CHECK(scene.take() == Lines{response("2", "{}")});
  CHECK(scene.server.count() == 3);
}

TEST_CASE("a resource that the server does not acknowledge is an error") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["b"]})");
  const std::string refused =
      refusal("1", -32602, "the server does not announce changes of this resource");
  CHECK(scene.take() == Lines{refused});
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});  // nothing is left to listen for
  scene.subscribe("1", "\"a\"");
  CHECK(scene.server.id(-1) == "\"b3\"");
  scene.acknowledge("\"b3\"", R"({})");
  CHECK(scene.take() == Lines{refused});
}

TEST_CASE("what is not acknowledged does not disturb the rest") {
  SubscriptionScene scene;
  scene.initialized();
  scene.acknowledge("\"b2\"", "{}");
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b3\"", "{}");
  CHECK(scene.server.count() == 3);
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
  scene.subscribe("2", "\"b\"");
  CHECK(scene.filter().ends_with(R"("resourceSubscriptions":["b"]})"));
}

TEST_CASE("the last resource that is unsubscribed from closes the listen") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.take();
  scene.unsubscribe("2", "\"b\"");
  CHECK(scene.take() == Lines{response("2", "{}")});
  CHECK(scene.server.count() == 2);
  scene.unsubscribe("3", "\"\\u0061\"");
  CHECK(scene.take() == Lines{response("3", "{}")});
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
  CHECK(scene.server.count() == 2);
}

TEST_CASE("one of several is unsubscribed from by a smaller listen") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.subscribe("2", "\"b\"");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a","b"]})");
  scene.take();
  scene.unsubscribe("3", "\"a\"");
  CHECK(scene.filter() == R"({"resourceSubscriptions":["b"]})");
  CHECK(scene.take().empty());
  scene.acknowledge("\"b4\"", R"({"resourceSubscriptions":["b"]})");
  CHECK(scene.take() == Lines{response("3", "{}")});
  CHECK(scene.server.cancelled() == Lines{"\"b2\"", "\"b3\""});
}

TEST_CASE("what is wanted while a listen is opened goes into one more") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.subscribe("2", "\"b\"");
  scene.subscribe("3", "\"c\"");
  scene.unsubscribe("4", "\"b\"");
  CHECK(scene.server.count() == 2);
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  CHECK(scene.take() == Lines{response("1", "{}")});
  CHECK(scene.server.count() == 3);
  CHECK(scene.filter() == R"({"resourceSubscriptions":["a","c"]})");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a","c"]})");
  CHECK(scene.take().back() == response("4", "{}"));
  CHECK(scene.server.count() == 3);
  CHECK(scene.ascent->idle());
}

TEST_CASE("a listen that fails fails what it was for, and the one before it stays") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.take();
  Failure failure;
  failure.code = -31003;
  failure.kind = "network";
  scene.subscribe("2", "\"b\"");
  scene.server.fail("\"b3\"", failure);
  CHECK(scene.take() == Lines{write_failure("2", failure)});
  scene.unsubscribe("3", "\"a\"");  // would close it
  CHECK(scene.take() == Lines{response("3", "{}")});
  CHECK(scene.server.cancelled() == Lines{"\"b2\""});
  scene.subscribe("4", "\"a\"");
  scene.server.refuse("\"b4\"", R"({"code":-32602,"message":"m","data":{"x":1}})", 400);
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"m",)"
                              R"("data":{"x":1}}})"});
  scene.subscribe("5", "\"a\"");
  scene.server.answer("\"b5\"", "{}");
  CHECK(scene.take() == Lines{refusal("5", -32603, "the server ended the subscription")});
  CHECK(scene.ascent->idle());
  CHECK_FALSE(scene.loop.waits_for_a_timer());
}

TEST_CASE("an unsubscription that fails changes nothing") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.subscribe("2", "\"b\"");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a","b"]})");
  scene.unsubscribe("3", "\"a\"");
  scene.take();
  const Failure failure;
  scene.server.fail("\"b4\"", failure);
  CHECK(scene.take() == Lines{write_failure("3", failure)});
  CHECK(scene.server.is_open("\"b3\""));
  scene.subscribe("5", "\"c\"");
  CHECK(scene.filter() == R"({"resourceSubscriptions":["a","b","c"]})");
  scene.subscribe("4", "\"a\"");
  CHECK(scene.take() == Lines{response("4", "{}")});
  CHECK(scene.server.count() == 5);
}

TEST_CASE("what waits behind a listen that fails gets one of its own") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.subscribe("2", "\"b\"");
  scene.server.fail("\"b2\"", Failure());
  CHECK(scene.take() == Lines{write_failure("1", Failure())});
  CHECK(scene.server.id(-1) == "\"b3\"");
  CHECK(scene.filter() == R"({"resourceSubscriptions":["b"]})");
}

TEST_CASE("who subscribes again while being unsubscribed waits for both") {
  SubscriptionScene scene;
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.subscribe("2", "\"b\"");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a","b"]})");
  scene.take();
  scene.unsubscribe("3", "\"a\"");
  scene.subscribe("4", "\"a\"");
  CHECK(scene.take().empty());
  scene.acknowledge("\"b4\"", R"({"resourceSubscriptions":["b"]})");
  CHECK(scene.take() == Lines{response("3", "{}")});
  CHECK(scene.filter() == R"({"resourceSubscriptions":["a","b"]})");
  scene.acknowledge("\"b5\"", R"({"resourceSubscriptions":["a","b"]})");
  CHECK(scene.take() == Lines{response("4", "{}")});
}

TEST_CASE("a subscription that the host gives up is not answered") {
  SubscriptionScene scene(kResources);
  scene.subscribe("1", "\"a\"");
  scene.subscribe("2", "\"b\"");
  for (const char* id : {"1", "2"}) {
    scene.host(
        rpc::write_call("", "notifications/cancelled", R"({"requestId":)" + std::string(id) + "}"));
  }
  CHECK(scene.ascent->idle());
  scene.acknowledge("\"b2\"", R"({"resourceSubscriptions":["a"]})");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a","b"]})");
  CHECK(scene.take().empty());
}

TEST_CASE("a server that does not offer subscriptions has none") {
  SubscriptionScene scene(R"({"resources":{}})");
  scene.subscribe("1", "\"a\"");
  scene.unsubscribe("2", "\"a\"");
  const char* text = "the server does not offer subscriptions";
  CHECK(scene.take() == Lines{refusal("1", -32601, text), refusal("2", -32601, text)});
}

TEST_CASE("a subscription to nothing is refused") {
  SubscriptionScene scene(kResources);
  scene.request("1", "resources/subscribe");
  scene.subscribe("2", "7");
  CHECK(scene.take() ==
        Lines{refusal("1", -32602, "no uri is given"), refusal("2", -32602, "no uri is given")});
}

TEST_CASE("subscriptions have a bound") {
  SubscriptionScene scene(kResources);
  for (int i = 0; i < 1000; ++i) {
    scene.subscribe(std::to_string(i), "\"u" + std::to_string(i) + "\"");
  }
  scene.subscribe("1000", "\"one more\"");
  CHECK(scene.take() == Lines{refusal("1000", -32603, "too many resources are subscribed to")});
}

TEST_CASE("a listen that the server ends is opened again, and the host looks for itself") {
  SubscriptionScene scene;
  scene.initialized();
  scene.acknowledge("\"b2\"", "{}");
  scene.subscribe("1", "\"a\"");
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a"]})");
  scene.take();
  auto wait = 1000ms;
  for (int i = 0; i < 8; ++i) {
    const std::string before = scene.server.id(-1);
    scene.server.answer(before, R"({"resultType":"complete"})");
    REQUIRE(scene.loop.next_wait() == wait);
    scene.loop.pass(wait);
    wait = std::min<std::chrono::milliseconds>(wait * 2, 60s);
    CHECK(scene.server.id(-1) != before);
    CHECK(scene.take().empty());
    scene.acknowledge(scene.server.id(-1), R"({"resourceSubscriptions":["a"]})");
    CHECK(scene.take() ==
          Lines{changed("tools"), changed("prompts"), changed("resources"), updated("\"a\"")});
  }
  scene.subscribe("2", "\"b\"");
  scene.acknowledge(scene.server.id(-1), R"({"resourceSubscriptions":["a","b"]})");
  CHECK(scene.take() == Lines{response("2", "{}")});  // no gap, no news
  scene.loop.pass(60s);                               // it holds
  scene.server.answer(scene.server.id(-1), "{}");
  CHECK(scene.loop.next_wait() == 1000ms);
}

TEST_CASE("a listen that could not be kept is tried again once the server answers something") {
  SubscriptionScene scene;
  scene.initialized();
  scene.acknowledge("\"b2\"", "{}");
  scene.server.fail("\"b2\"", Failure());
  CHECK_FALSE(scene.loop.waits_for_a_timer());
  const auto ask = [&] {
    scene.request("1", "tools/list");
    const std::string id = scene.server.id(-1);
    scene.server.answer(id, "{}");
    scene.take();
  };
  ask();
  CHECK(scene.server.request(-1).method == "tools/list");  // not at once
  scene.loop.pass(60s);
  CHECK(scene.server.request(-1).method == "tools/list");
  ask();
  CHECK(scene.server.request(-1).method == "subscriptions/listen");
  scene.acknowledge(scene.server.id(-1), "{}");
  CHECK(scene.take() == Lines{changed("tools"), changed("prompts"), changed("resources")});
}

TEST_CASE("a server that refuses to be listened to is not asked again") {
  SubscriptionScene scene;
  scene.initialized();
  scene.server.refuse("\"b2\"", R"({"code":-32601,"message":"no"})", 404);
  scene.loop.pass(24h);
  scene.request("1", "tools/list");
  scene.server.answer(scene.server.id(-1), "{}");
  CHECK(scene.server.request(-1).method == "tools/list");
  scene.subscribe("2", "\"a\"");  // unless the host wants something else
  CHECK(scene.server.request(-1).method == "subscriptions/listen");
}

TEST_CASE("a listen that ends while its successor is opened leaves a gap to fill") {
  SubscriptionScene scene(R"({"tools":{"listChanged":true},"resources":{"subscribe":true}})");
  scene.initialized();
  scene.acknowledge("\"b2\"", "{}");
  scene.subscribe("1", "\"a\"");
  scene.server.answer("\"b2\"", "{}");
  CHECK_FALSE(scene.loop.waits_for_a_timer());
  scene.acknowledge("\"b3\"", R"({"resourceSubscriptions":["a"]})");
  CHECK(scene.take() == Lines{response("1", "{}"), changed("tools"), updated("\"a\"")});
  CHECK(scene.server.cancelled().empty());
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
