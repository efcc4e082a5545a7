// Who talks to an older server may send and cancel from within what it is told.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "bridge/legacy_server.h"
#include "fake_authorizer.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "wire_text.h"

namespace dogpipe::bridge {
namespace {

struct Bench final : Server::Listener {
  Bench() : server({loop, client, authorizer, budget, endpoint(), true}) {
    static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
    server.attach(*this);
    client.on_send = [this](fakes::FakeRequest& request) { sent += brief(request.body()) + '\n'; };
    send("0", "initialize");
    client.at(0).answer(200, "application/json",
                        full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
                        {{"Mcp-Session-Id", "S1"}});
    loop.turn();
    send("", "notifications/initialized");
    client.at(1).answer(202, "", "");
    loop.turn();
    sent.clear();
  }
  virtual ~Bench() = default;

  static Endpoint endpoint() {
    Endpoint endpoint;
    endpoint.url = "https://mcp.example/v1/mcp";
    endpoint.longest_message = 1 << 20;
    return endpoint;
  }
  void send(std::string_view raw_id, std::string_view method) {
    const std::string id = raw_id.empty() ? "" : fmt::format(R"("id":{},)", raw_id);
    const std::string text = fmt::format(R"({{"jsonrpc":"2.0",{}"method":"{}"}})", id, method);
    server.send({std::string(raw_id), std::string(method),
                 std::make_shared<const base::Bytes>(std::string_view(text))});
    loop.turn();
  }

  void on_message(std::string_view, Message&) override {}
  void on_answer(const Request& request, Message&, int) override {
    answered += request.raw_id + ' ';
  }
  void on_failure(const Request& request, const Failure&) override {
    failed += request.raw_id + ' ';
  }
  void on_session_gone() override {
    ++gone;
    if (gone < 50 && when_gone) when_gone();
  }
  void on_idle() override {}

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  FakeAuthorizer authorizer;
  RetryBudget budget;
  LegacyServer server;
  std::string sent, answered, failed;
  int gone = 0;
  std::function<void()> when_gone;
};

TEST_CASE("who sends or cancels when the session is gone does not open a second one") {
  Bench bench;
  bench.send("1", "tools/list");
  bench.send("2", "prompts/list");
  const std::size_t first = bench.client.count() - 2;
  SUBCASE("a request") {
    bench.when_gone = [&] {
      const std::string text = R"({"jsonrpc":"2.0","id":3,"method":"x"})";
      bench.server.send({"3", "x", std::make_shared<const base::Bytes>(std::string_view(text))});
    };
  }
  SUBCASE("a request that is under way is cancelled") {
    bench.when_gone = [&] { bench.server.cancel("2", nullptr); };
  }
  SUBCASE("that which has found the session lost is cancelled") {
    bench.when_gone = [&] { bench.server.cancel("1", nullptr); };
  }
  bench.sent.clear();
  bench.client.at(first).answer(404, "", "");
  bench.loop.turn();
  CHECK(bench.gone == 1);
  CHECK(bench.sent == "{\"id\":0,\"method\":\"initialize\"}\n");
}

}  // namespace
}  // namespace dogpipe::bridge
