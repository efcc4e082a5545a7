// subscriptions/listen of 2026-07-28 on a server that knows resources/subscribe alone.
#include <doctest/doctest.h>

#include "descent_world.h"
#include "mcp/codes.h"

namespace dogpipe::bridge::descent {
namespace {

std::string listen(std::string_view raw_id, std::string_view filter) {
  return ask(raw_id, "subscriptions/listen",
             fmt::format(R"("notifications":{{{}}},{})", filter, meta()));
}

std::string ack(std::string_view raw_id, std::string_view filter) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged",)"
                     R"("params":{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{}}},)"
                     R"("notifications":{{{}}}}}}})",
                     raw_id, filter);
}

std::string subscribe(std::string_view id, std::string_view uri, std::string_view un = "") {
  return fmt::format(
      R"({{"jsonrpc":"2.0","id":"{}","method":"resources/{}subscribe","params":{{"uri":"{}"}}}})",
      id, un, uri);
}

std::string updated(std::string_view uri, std::string_view more = "") {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                     R"("params":{{"uri":"{}"{}}}}})",
                     uri, more);
}

std::string tag(std::string_view raw_id) {
  return fmt::format(R"("_meta":{{"io.modelcontextprotocol/subscriptionId":{}}})", raw_id);
}

std::string tagged_update(std::string_view uri, std::string_view raw_id) {
  return updated(uri, "," + tag(raw_id));
}

std::string changed(std::string_view kind, std::string_view params = "") {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/{}/list_changed"{}}})", kind,
                     params);
}

std::string tagged_change(std::string_view kind, std::string_view raw_id) {
  return changed(kind, R"(,"params":{)" + tag(raw_id) + "}");
}

std::string cancel(std::string_view raw_id) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/cancelled",)"
                     R"("params":{{"requestId":{}}}}})",
                     raw_id);
}

TEST_CASE("a subscription is acknowledged with what the server can do, and is no work under way") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("toolsListChanged":true,"promptsListChanged":true,)"
                         R"("resourcesListChanged":false,"news":true)"));
  world.host(listen(R"("1")", ""));
  CHECK(world.heard() == Texts{ack("1", R"("toolsListChanged":true)"), ack(R"("1")", "")});
  CHECK(world.told().empty());
  CHECK(world.descent.idle());
  CHECK(world.replies.all_answered());
}

TEST_CASE("a subscription may be the first request of all") {
  DescentWorld world;
  world.host(listen("1", R"("resourcesListChanged":true)"));
  CHECK(world.replies.all_answered());
  CHECK(world.heard().empty());
  world.server.answer(R"("u1")", kInitializeResult);
  CHECK(world.heard() == Texts{ack("1", R"("resourcesListChanged":true)")});
}

TEST_CASE("a subscription without a filter, or one too many, is refused") {
  DescentWorld world;
  world.open();
  world.host(ask("1", "subscriptions/listen", meta()));
  world.host(ask("1", "subscriptions/listen", R"("notifications":[],)" + meta()));
  const std::string refusal = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,)"
                              R"("message":"notifications: not an object",)"
                              R"("data":{"source":"dogpipe"}}})";
  CHECK(world.heard() == Texts{refusal, refusal});
  for (std::size_t i = 0; i < Listens::kMost; ++i) world.host(listen(std::to_string(i), ""));
  CHECK(world.heard().size() == Listens::kMost);
  world.host(listen("99", ""));
  const Texts heard = world.heard();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].starts_with(R"({"jsonrpc":"2.0","id":99,"error":{"code":-31007,)"));
  world.host(cancel("5"));
  world.host(listen("99", ""));
  CHECK(world.heard() == Texts{ack("99", "")});
}

TEST_CASE("a subscription to more resources than there may be gets the first of them") {
  DescentWorld world;
  world.open(kInitializeResult);
  std::string uris;
  for (std::size_t i = 0; i <= Listens::kMostResources; ++i) {
    uris += (uris.empty() ? "\"a:" : ",\"a:") + std::to_string(i) + '"';
  }
  const std::size_t before = world.server.count();
  world.host(listen("1", R"("resourceSubscriptions":[)" + uris + "]"));
  CHECK(world.server.count() - before == Listens::kMostResources);
}

TEST_CASE("changes go to each subscription that wants them, with its id, wherever they come") {
  DescentWorld world;
  world.open();
  world.host(listen(R"("a/b")", R"("toolsListChanged":true)"));
  world.host(listen("2", R"("toolsListChanged":true,"resourcesListChanged":true)"));
  world.host(ask("3", "tools/call", R"("name":"t",)" + meta()));
  world.heard();
  world.server.say("", changed("tools"));
  CHECK(world.heard() == Texts{tagged_change("tools", R"("a/b")"), tagged_change("tools", "2")});
  world.server.say(R"("u3")", changed("resources", R"(,"params":{ "_meta":{"a/b": 1}, "c":2})"));
  CHECK(world.heard() ==
        Texts{changed("resources", R"(,"params":{"_meta":{"a/b":1,)"
                                   R"("io.modelcontextprotocol/subscriptionId":2},"c":2})")});
  world.server.say("", changed("prompts"));
  CHECK(world.heard().empty());
}

TEST_CASE("an older server is asked once for each resource, and the acknowledgment waits for it") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("resourceSubscriptions":["file:///a","file:///\u0062","file:///a"])"));
  CHECK(world.told() == Texts{subscribe("u3", "file:///a"), subscribe("u4", "file:///b")});
  world.host(listen("2", R"("resourceSubscriptions":["file:///b"])"));
  CHECK(world.told().empty());
  world.server.answer(R"("u3")", "{}");
  CHECK(world.heard().empty());
  world.server.answer(R"("u4")", "{}");
  CHECK(world.heard() == Texts{ack("1", R"("resourceSubscriptions":["file:///a","file:///b"])"),
                               ack("2", R"("resourceSubscriptions":["file:///b"])")});
  world.host(listen("3", R"("resourceSubscriptions":["file:///a"])"));
  CHECK(world.heard() == Texts{ack("3", R"("resourceSubscriptions":["file:///a"])")});
  CHECK(world.told().empty());
}

TEST_CASE("resources that the server refuses are not acknowledged") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("resourceSubscriptions":["a","b","c"])"));
  world.server.refuse(R"("u3")", R"({"code":-32002,"message":"m"})");
  world.server.fail(R"("u4")", {});
  world.server.answer(R"("u5")", "{}");
  CHECK(world.heard() == Texts{ack("1", R"("resourceSubscriptions":["c"])")});
  world.server.say("", updated("a"));
  CHECK(world.heard().empty());

  DescentWorld without;
  without.open(R"({"capabilities":{"resources":{}}})");
  without.host(listen("1", R"("resourceSubscriptions":["a"])"));
  CHECK(without.heard() == Texts{ack("1", "")});
  CHECK(without.told().empty());
}

TEST_CASE("updates of a resource, or of a part of it, go to those who subscribed to it") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("resourceSubscriptions":["file:///d","file:///d/x"])"));
  world.host(listen("2", R"("resourceSubscriptions":["file:///e/"])"));
  for (const char* id : {R"("u3")", R"("u4")", R"("u5")"}) world.server.answer(id, "{}");
  world.heard();
  struct Row {
    const char* uri;
    Texts heard;
  };
  const Row rows[] = {
      {"file:///d", {tagged_update("file:///d", "1")}},
      {"file:///d/x", {tagged_update("file:///d/x", "1")}},
      {"file:///d#l", {tagged_update("file:///d#l", "1")}},
      {"file:///dd", {}},
      {"file:///e/f", {tagged_update("file:///e/f", "2")}},
      {"file:///e", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.uri);
    world.server.say("", updated(row.uri));
    CHECK(world.heard() == row.heard);
  }
  world.server.say("", R"({"jsonrpc":"2.0","method":"notifications/resources/updated"})");
  CHECK(world.heard().empty());
}

TEST_CASE("what changes before the acknowledgment is told behind it, once") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("toolsListChanged":true,"resourceSubscriptions":["a"])"));
  world.server.say("", changed("tools"));
  world.server.say("", changed("tools"));
  CHECK(world.heard().empty());
  world.server.answer(R"("u3")", "{}");
  CHECK(world.heard() == Texts{ack("1", R"("toolsListChanged":true,"resourceSubscriptions":["a"])"),
                               tagged_change("tools", "1")});
}

TEST_CASE("who stops listening hears no more, and the last one unsubscribes") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("toolsListChanged":true,"resourceSubscriptions":["a"])"));
  world.host(listen("2", R"("resourceSubscriptions":["a"])"));
  world.server.answer(R"("u3")", "{}");
  world.heard();
  world.told();
  world.host(cancel("1"));
  CHECK(world.told().empty());
  world.server.say("", changed("tools"));
  world.server.say("", updated("a"));
  CHECK(world.heard() == Texts{tagged_update("a", "2")});
  world.host(cancel("2"));
  CHECK(world.told() == Texts{subscribe("u4", "a", "un")});
  world.server.answer(R"("u4")", "{}");
  CHECK(world.heard().empty());
  CHECK(world.server.cancelled().empty());
}

TEST_CASE("who stops before the server has answered is not waited for") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("resourceSubscriptions":["a"])"));
  world.host(cancel("1"));
  CHECK(world.told() == Texts{subscribe("u3", "a")});
  world.server.answer(R"("u3")", "{}");
  CHECK(world.told() == Texts{subscribe("u4", "a", "un")});
  // Wanted again before it is gone: the server hears of it in order.
  world.host(listen("2", R"("resourceSubscriptions":["a"])"));
  CHECK(world.told().empty());
  world.server.answer(R"("u4")", "{}");
  CHECK(world.told() == Texts{subscribe("u5", "a")});
  world.server.answer(R"("u5")", "{}");
  CHECK(world.heard() == Texts{ack("2", R"("resourceSubscriptions":["a"])")});

  world.host(listen("3", R"("resourceSubscriptions":["b"])"));
  world.host(cancel("3"));
  world.server.refuse(R"("u6")", R"({"code":1,"message":"m"})");
  CHECK(world.told() == Texts{subscribe("u6", "b")});
  CHECK(world.heard().empty());
}

TEST_CASE("after a gap everything that is listened for may have changed") {
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("toolsListChanged":true,"resourceSubscriptions":["a"])"));
  world.host(listen("2", R"("promptsListChanged":true)"));
  world.server.answer(R"("u3")", "{}");
  world.heard();
  world.told();
  world.descent.listener().on_session_gone();
  world.descent.listener().on_new_session();
  CHECK(world.heard() == Texts{tagged_change("tools", "1"), tagged_update("a", "1")});
  CHECK(world.told().empty());  // who has opened the session has subscribed again
}

TEST_CASE("subscriptions end with a result and a cancellation, also those that never began") {
  const auto ends = [](std::string_view raw_id) {
    return Texts{fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"resultType":"complete",)"
                             R"({}}}}})",
                             raw_id, tag(raw_id)),
                 cancel(raw_id)};
  };
  DescentWorld world;
  world.open();
  world.host(listen("1", R"("resourceSubscriptions":["a"])"));
  world.host(listen(R"("x")", ""));
  world.heard();
  world.told();
  world.descent.abandon();
  Texts expected = ends("1");
  for (const std::string& line : ends(R"("x")")) expected.push_back(line);
  CHECK(world.heard() == expected);
  CHECK(world.told().empty());
  CHECK(world.replies.awaited_from("1") == nullptr);

  DescentWorld early;
  early.host(listen("1", ""));
  early.host(ask("2", "tools/list", meta()));
  early.descent.abandon();
  CHECK(early.heard() == ends("1"));

  DescentWorld incompatible;
  incompatible.open();
  incompatible.host(listen("1", ""));
  incompatible.heard();
  incompatible.descent.listener().on_incompatible_session();
  CHECK(incompatible.heard() == ends("1"));
}

}  // namespace
}  // namespace dogpipe::bridge::descent
