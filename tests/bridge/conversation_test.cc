#include "bridge/conversation.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOpened =
    R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})";

// A server that the test plays, and what comes of the conversation with it.
struct Scene {
  Scene() {
    Endpoint endpoint;
    endpoint.url = "https://mcp.example/mcp";
    endpoint.fields = {{"X-Team", "blue"}};
    endpoint.longest_message = 1 << 20;
    conversation = std::make_unique<Conversation>(loop, client, authorizer, std::move(endpoint),
                                                  "resources/read", R"({"uri":"a"})",
                                                  [this](base::Result<std::string> raw) {
                                                    ++times;
                                                    outcome = std::move(raw);
                                                    conversation.reset();
                                                  });
    CHECK(client.count() == 0);
    loop.turn();
  }
  void reply(std::size_t number, int status, std::string_view body = "",
             const std::vector<http::Header>& fields = {}) {
    client.at(number).answer(status, body.empty() ? "" : "application/json", body, fields);
    loop.turn();
  }
  void open(const std::vector<http::Header>& fields = {{"Mcp-Session-Id", "S1"}}) {
    reply(0, 200, kOpened, fields);
    reply(1, 202);
    REQUIRE(client.count() == 3);
  }
  // "POST S1 2025-06-18 blue {...}", lines for all requests.
  std::string sent() {
    std::string text;
    for (std::size_t i = 0; i < client.count(); ++i) {
      const auto& one = client.at(i);
      text += std::string(fakes::method_name(one.request().method)) + ' ' +
              one.field("Mcp-Session-Id") + ' ' + one.field("MCP-Protocol-Version") + ' ' +
              one.field("X-Team") + ' ' + brief(one.body()) + '\n';
    }
    return text;
  }
  std::string result() const {
    if (times != 1) return "called " + std::to_string(times) + " times";
    if (*outcome) return **outcome;
    return outcome->error().kind == base::Kind::denied        ? "denied"
           : outcome->error().kind == base::Kind::unreachable ? "unreachable"
                                                              : "another error";
  }

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  FakeAuthorizer authorizer;
  int times = 0;
  std::optional<base::Result<std::string>> outcome;
  std::unique_ptr<Conversation> conversation;
};

TEST_CASE("initialize, one request, and leave") {
  Scene scene;
  scene.open();
  scene.reply(2, 200, R"({"jsonrpc":"2.0","id":1,"result":{"contents":[ 1.0 ]}})");
  CHECK(scene.times == 0);
  REQUIRE(scene.client.count() == 4);
  scene.reply(3, 204);
  CHECK(scene.result() == R"({"contents":[ 1.0 ]})");
  CHECK(scene.sent() ==
        R"(POST   blue {"id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
        R"("capabilities":{},"clientInfo":{"name":"dogpipe","version":"0.1.0"}}})"
        "\n"
        R"(POST S1 2025-06-18 blue {"method":"notifications/initialized"})"
        "\n"
        R"(POST S1 2025-06-18 blue {"id":1,"method":"resources/read","params":{"uri":"a"}})"
        "\n"
        "DELETE S1 2025-06-18 blue \n");
}

TEST_CASE("without a session there is none to end") {
  Scene scene;
  scene.open({});
  scene.reply(2, 200, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(scene.result() == "{}");
  CHECK(scene.client.count() == 3);
}

TEST_CASE("a session that cannot be ended is no failure") {
  for (const int status : {405, 500}) {
    Scene scene;
    scene.open();
    scene.reply(2, 200, R"({"jsonrpc":"2.0","id":1,"result":{}})");
    scene.reply(3, status);
    CHECK(scene.result() == "{}");
  }
  Scene scene;
  scene.open();
  scene.reply(2, 200, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  scene.client.at(3).fail(base::Kind::cut);
  scene.loop.turn();
  CHECK(scene.result() == "{}");
}

TEST_CASE("the server's refusal of the request is its last word, and the session is left") {
  Scene scene;
  scene.open();
  scene.reply(2, 200, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"SCRIPT"}})");
  REQUIRE(scene.client.count() == 4);
  scene.reply(3, 204);
  CHECK(scene.result() == "denied");
  CHECK(scene.outcome->error().what.find("SCRIPT") == std::string::npos);
}

TEST_CASE("after a refused initialize nothing more is asked") {
  Scene scene;
  scene.reply(0, 200, R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,"message":"no"}})");
  CHECK(scene.result() == "denied");
  CHECK(scene.client.count() == 1);
}

TEST_CASE("a session that is lost is not opened again for one question") {
  Scene scene;
  scene.open();
  scene.reply(2, 404);
  REQUIRE(scene.client.count() == 4);
  CHECK(scene.client.at(3).request().method == http::Method::del);
  scene.reply(3, 404);
  CHECK(scene.result() == "unreachable");
}

TEST_CASE("a server that refuses the credential is asked once") {
  Scene scene;
  scene.reply(0, 401);
  CHECK(scene.result() == "unreachable");
  CHECK(scene.client.count() == 1);
}

TEST_CASE("what the server says besides is passed over") {
  Scene scene;
  scene.open();
  scene.client.at(2).head(200, "text/event-stream");
  scene.client.at(2).data(
      event(R"({"method":"notifications/message","params":{"level":"info","data":1}})"));
  scene.client.at(2).data(event(R"({"id":9,"method":"ping"})"));
  scene.loop.turn();
  CHECK(scene.times == 0);
  scene.client.at(2).data(event(R"({"id":1,"result":{"a":1}})"));
  scene.loop.turn();
  scene.reply(scene.client.count() - 1, 204);
  CHECK(scene.result() == R"({"a":1})");
}

TEST_CASE("dropped, it says nothing more") {
  Scene scene;
  scene.open();
  scene.conversation.reset();
  scene.loop.pass(600s);
  CHECK(scene.client.at(2).cancelled());
  CHECK(scene.times == 0);
}

}  // namespace
}  // namespace dogpipe::bridge
