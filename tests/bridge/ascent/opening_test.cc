// initialize at a server that has none.
#include <doctest/doctest.h>

#include "scene.h"

namespace dogpipe::bridge::ascent {
namespace {

constexpr std::string_view kDiscovered =
    R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},)"
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}})";

TEST_CASE("initialize becomes server/discover, and its answer an InitializeResult") {
  AscentScene scene;
  scene.initialize("2025-06-18", R"({"roots":{"listChanged":true},"tasks":{}})");
  CHECK(scene.server.request(0).method == "server/discover");
  CHECK(scene.server.id(0) == "\"b1\"");
  CHECK(scene.take_transcript() ==
        Lines{R"(S {"jsonrpc":"2.0","id":"b1","method":"server/discover","params":{)" +
              meta(R"({"roots":{}})") + "}}"});
  CHECK_FALSE(scene.ascent->idle());
  scene.server.answer("\"b1\"", kDiscovered);
  CHECK(scene.take() ==
        Lines{response("0", R"({"capabilities":{"tools":{}},"protocolVersion":"2025-06-18",)"
                            R"("serverInfo":{"name":"s","version":"2"}})")});
  CHECK(scene.ascent->revision() == "2025-06-18");
  CHECK(scene.discovered == kDiscovered);
  scene.loop.turn();
  CHECK(scene.idles == 1);
  CHECK(scene.given_back.empty());
}

TEST_CASE("the metadata of initialize go along, and a host without a name has none") {
  AscentScene scene;
  scene.host(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":)"
             R"({"_meta":{"traceparent":"t"},"capabilities":{}}})");
  CHECK(scene.server.text(0) ==
        R"({"jsonrpc":"2.0","id":"b1","method":"server/discover","params":{"_meta":)"
        R"({"traceparent":"t","io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
        R"("io.modelcontextprotocol/clientCapabilities":{}}}})");
}

TEST_CASE("what the host sends before the answer to initialize waits for it, in its order") {
  AscentScene scene;
  scene.initialize();
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  scene.request("1", "tools/list");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  scene.request("2", "prompts/list");
  CHECK(scene.server.count() == 1);
  CHECK(scene.take().empty());
  scene.server.answer(scene.server.id(0), R"({"supportedVersions":["2026-07-28"],"capabilities":)"
                                          R"({"tools":{"listChanged":true}}})");
  REQUIRE(scene.server.count() == 5);
  CHECK(scene.server.request(1).method == "subscriptions/listen");
  CHECK(scene.server.request(2).method == "tools/list");
  CHECK(scene.server.request(3).method == "notifications/x");
  CHECK(scene.server.request(4).method == "prompts/list");
  CHECK(scene.take().size() == 1);
}

TEST_CASE("a request that waits for initialize can be cancelled") {
  AscentScene scene;
  scene.initialize();
  scene.request("1", "tools/list");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  scene.server.answer(scene.server.id(0), kDiscovered);
  CHECK(scene.server.count() == 1);
  CHECK(scene.take().size() == 1);
}

TEST_CASE("nothing goes to the server before initialize") {
  AscentScene scene;
  scene.request("1", "tools/list");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  scene.host(R"({"jsonrpc":"2.0","id":9,"result":{}})");
  CHECK(scene.take() == Lines{refusal("1", -32600, "no session is open: send initialize first")});
  CHECK(scene.server.count() == 0);
}

TEST_CASE("a legacy server gets nothing: initialize and all since are given back in order") {
  AscentScene scene;
  scene.initialize();
  scene.request("1", "tools/list");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  scene.server.refuse(scene.server.id(0), R"({"code":-32601,"message":"no"})", 404);
  CHECK(scene.given_back.empty());  // not in the midst of a call of the server
  scene.request("2", "prompts/list");
  CHECK_FALSE(scene.ascent->idle());
  scene.loop.turn();
  REQUIRE(scene.given_back.size() == 4);
  CHECK(scene.given_back[0].find(R"("method":"initialize")") != std::string::npos);
  CHECK(scene.given_back[1] == rpc::write_call("1", "tools/list", "{}"));
  CHECK(scene.given_back[2] == R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  CHECK(scene.given_back[3] == rpc::write_call("2", "prompts/list", "{}"));
  CHECK(scene.take().empty());
  CHECK(scene.server.count() == 1);
}

TEST_CASE("a page that there is nothing here is a sign of a legacy server") {
  AscentScene scene;
  scene.initialize();
  Failure failure;
  failure.http_status = 405;
  scene.server.fail(scene.server.id(0), failure);
  scene.loop.turn();
  CHECK(scene.given_back.size() == 1);
  CHECK(scene.take().empty());
}

TEST_CASE("trouble on the way is the answer to initialize, and what waited is refused") {
  AscentScene scene;
  scene.initialize();
  scene.request("1", "tools/list");
  Failure failure;
  failure.code = -31003;
  failure.kind = "network";
  failure.message = "no way";
  scene.server.fail(scene.server.id(0), failure);
  scene.loop.turn();
  CHECK(scene.take() == Lines{write_failure("0", failure),
                              refusal("1", -32600, "no session is open: send initialize first")});
  CHECK(scene.given_back.empty());
  CHECK(scene.ascent->idle());
  scene.initialize();  // the host may try again
  scene.server.answer(scene.server.id(-1), kDiscovered);
  CHECK(scene.take().size() == 1);
  CHECK(scene.ascent->revision() == "2025-11-25");
}

TEST_CASE("an error of a server in trouble passes as the answer to initialize") {
  AscentScene scene;
  scene.initialize();
  scene.server.refuse(scene.server.id(0), R"({"code":-32000,"message":"later"})", 503);
  scene.loop.turn();
  CHECK(scene.take() ==
        Lines{R"({"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"later"}})"});
  CHECK(scene.given_back.empty());
}

TEST_CASE("a result with the status of a failure is none") {
  AscentScene scene;
  scene.initialize();
  scene.server.answer(scene.server.id(0), kDiscovered, 500);
  scene.loop.turn();
  const Lines lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(R"({"jsonrpc":"2.0","id":0,"error":{"code":-31006,)") == 0);
  CHECK(scene.given_back.empty());
}

TEST_CASE("a server that refuses a revision which it names is asked once more") {
  const char* refused =
      R"({"code":-32022,"message":"","data":{"supported":["2026-07-28"],"requested":"r"}})";
  AscentScene scene;
  scene.initialize();
  scene.server.refuse(scene.server.id(0), refused, 400);
  REQUIRE(scene.server.count() == 2);
  CHECK(scene.server.id(1) == "\"b2\"");
  SUBCASE("and may be modern then") {
    scene.server.answer("\"b2\"", kDiscovered);
    CHECK(scene.take().at(0).find("protocolVersion") != std::string::npos);
  }
  SUBCASE("but not twice") {
    scene.server.refuse("\"b2\"", refused, 400);
    CHECK(scene.server.count() == 2);
    CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,)"
                                R"("message":"Unsupported protocol version",)"
                                R"("data":{"supported":["2026-07-28"],"requested":"r"}}})"});
  }
}

TEST_CASE("revisions that nobody here knows are an error that names them") {
  AscentScene scene;
  scene.initialize();
  scene.server.answer(scene.server.id(0), R"({"supportedVersions":["2099-01-01"]})");
  scene.loop.turn();
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,)"
                              R"("message":"Unsupported protocol version",)"
                              R"("data":{"supported":["2099-01-01"],"requested":"2026-07-28"}}})"});
  CHECK(scene.given_back.empty());
}

TEST_CASE("a second initialize begins anew") {
  AscentScene scene;
  scene.open("2025-11-25", "{}",
             R"({"logging":{},"tools":{"listChanged":true},"resources":{"subscribe":true}})");
  scene.request("1", "logging/setLevel", R"({"level":"info"})");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  const std::string listen = scene.server.id(-1);
  scene.request("2", "resources/subscribe", R"({"uri":"u"})");
  scene.take();
  scene.initialize("2025-06-18");
  CHECK_FALSE(scene.server.is_open(listen));
  CHECK(scene.take() == Lines{refusal("2", -32600, "initialize came instead")});
  scene.server.answer(scene.server.id(-1), kDiscovered);
  CHECK(scene.ascent->revision() == "2025-06-18");
  scene.request("3", "tools/list");
  CHECK(scene.server.text(-1).find("logLevel") == std::string::npos);
}

TEST_CASE("after a second initialize that failed no session is open") {
  AscentScene scene;
  scene.open();
  scene.initialize();
  scene.server.fail(scene.server.id(-1), Failure());
  scene.take();
  scene.request("1", "tools/list");
  CHECK(scene.take() == Lines{refusal("1", -32600, "no session is open: send initialize first")});
}

TEST_CASE("an initialize that comes while another is under way takes its turn") {
  AscentScene scene;
  scene.initialize();
  scene.host(R"({"jsonrpc":"2.0","id":"second","method":"initialize","params":{}})");
  scene.request("1", "tools/list");
  CHECK(scene.server.count() == 1);
  scene.server.answer(scene.server.id(-1), kDiscovered);
  CHECK(scene.server.request(-1).method == "server/discover");
  scene.server.answer(scene.server.id(-1), kDiscovered);
  CHECK(scene.server.request(-1).method == "tools/list");
  CHECK(scene.take().size() == 2);
}

TEST_CASE("requests from before a second initialize are answered when the server is a legacy one") {
  AscentScene scene;
  scene.open();
  scene.request("1", "tools/list");
  scene.initialize();
  scene.server.refuse(scene.server.id(-1), R"({"code":-32601,"message":"no"})", 400);
  scene.loop.turn();
  CHECK(scene.take() == Lines{refusal("1", -32603, "the server has changed to an older revision")});
  CHECK(scene.given_back.size() == 1);
}

TEST_CASE("a notification that fails while initialize is given back is none of its business") {
  AscentScene scene;
  scene.open();
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  const Request notification = scene.server.request(-1);
  scene.initialize();
  Failure failure;
  failure.http_status = 500;
  // Both within one turn, as over one connection.
  scene.server.refuse(scene.server.id(-1), R"({"code":-32601,"message":"no"})", 400);
  scene.ascent->listener().on_failure(notification, failure);
  scene.loop.turn();
  CHECK(scene.take().empty());
  CHECK(scene.given_back.size() == 1);
}

TEST_CASE("an end while the server is asked who it is leaves nothing behind") {
  AscentScene scene;
  scene.initialize();
  scene.request("1", "tools/list");
  scene.ascent->abandon();
  CHECK(scene.server.cancelled() == Lines{"\"b1\""});
  CHECK(scene.take().empty());
  CHECK(scene.ascent->idle());
}

TEST_CASE("messages that wait for initialize have a bound") {
  AscentScene scene;
  scene.initialize();
  for (int i = 0; i < 2048; ++i) scene.host(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  scene.request("1", "tools/list");
  CHECK(scene.take() ==
        Lines{refusal("1", -32603, "too many messages wait for initialize to be answered")});
  scene.server.answer(scene.server.id(0), kDiscovered);
  CHECK(scene.server.count() == 2049);
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
