// A host of 2026-07-28 and a server of 2026-07-28: bytes pass as they are.
#include "bridge/modern_relay.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/log.h"
#include "fakes/fake_output.h"
#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

// What the relay asks of the server.
class FakeServer final : public Server {
 public:
  explicit FakeServer(std::string& transcript) : transcript_(transcript) {}

  void send(Request request) override {
    transcript_ +=
        fmt::format("send {} {} {}\n", request.raw_id, request.method, request.text->view());
    requests.push_back(std::move(request));
  }
  void cancel(std::string_view raw_id, SharedBytes) override {
    transcript_ += fmt::format("cancel {}\n", raw_id);
  }
  bool idle() const override { return is_idle; }
  void abandon() override { transcript_ += "abandon\n"; }
  void leave(std::function<void()> done) override { done(); }

  bool is_idle = true;
  std::vector<Request> requests;

 private:
  std::string& transcript_;
};

struct Bench {
  Bench()
      : output([this](std::string_view line) { transcript += fmt::format("< {}\n", line); }),
        replies(output),
        server(transcript),
        relay(server, replies, {[this] { ++idle; }}) {
    static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
  }

  void host(std::string_view line) {
    HostMessage message = HostMessage::read(base::Bytes(line));
    switch (message.envelope.shape) {
      case rpc::Shape::request:
        replies.await(message.raw_id(), relay);
        return relay.take_request(std::move(message));
      case rpc::Shape::notification:
        return relay.take_notification(std::move(message));
      default:
        return relay.take_response(std::move(message));
    }
  }
  // The server says that of request n.
  void says(std::size_t n, std::string_view text) {
    Message message = read(text);
    listener().on_message(server.requests.at(n).raw_id, message);
  }
  void answers(std::size_t n, std::string_view text, int status = 200) {
    Message message = read(text);
    listener().on_answer(server.requests.at(n), message, status);
  }
  void fails(std::size_t n) {
    Failure failure;
    failure.code = -31003;
    failure.kind = "network";
    failure.message = "no network";
    listener().on_failure(server.requests.at(n), failure);
  }
  std::string said() { return std::exchange(transcript, {}); }

  Server::Listener& listener() { return relay.listener(); }
  static Message read(std::string_view text) {
    Message message;
    message.text = text;
    message.envelope = *rpc::scan(text);
    return message;
  }

  std::string transcript;
  fakes::FakeOutput output;
  Replies replies;
  FakeServer server;
  int idle = 0;
  ModernRelay relay;
};

constexpr const char* kListen =
    R"({"jsonrpc":"2.0","id":"L","method":"subscriptions/listen","params":{}})";
constexpr const char* kAcknowledged =
    R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}})";

TEST_CASE("requests, what precedes their answers and the answers pass byte for byte") {
  Bench bench;
  constexpr const char* request =
      R"({ "params" : {"n":9007199254740993,"x":1e400,"requestState":"\u0041=="}, "id" : 1.0 ,"method":"tools\/call","jsonrpc":"2.0"})";
  constexpr const char* progress =
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{ "progress":1.50 }})";
  constexpr const char* answer =
      R"({"result":{"resultType":"input_required","inputRequests":{"k":{"method":"elicitation/create"}},"requestState":"\u00e9\/=" },"id":1.0,"jsonrpc":"2.0"})";
  bench.host(request);
  bench.says(0, progress);
  bench.answers(0, answer);
  CHECK(bench.said() ==
        fmt::format("send 1.0 tools/call {}\n< {}\n< {}\n", request, progress, answer));
  CHECK(bench.replies.all_answered());
}

TEST_CASE("result types that nobody here knows pass, and errors with any status") {
  Bench bench;
  bench.host(R"({"jsonrpc":"2.0","id":1,"method":"x/y"})");
  bench.host(R"({"jsonrpc":"2.0","id":2,"method":"x/y"})");
  bench.said();
  constexpr const char* task =
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"task","ttlMs":1}})";
  constexpr const char* error = R"({"jsonrpc":"2.0","id":2,"error":{"code":-32021,"message":"x"}})";
  bench.answers(0, task);
  bench.answers(1, error, 400);
  CHECK(bench.said() == fmt::format("< {}\n< {}\n", task, error));
}

TEST_CASE("a request of the server does not reach the host: there are none in this revision") {
  Bench bench;
  bench.host(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})");
  bench.said();
  bench.says(0, R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})");
  CHECK(bench.said().empty());
}

TEST_CASE("responses of the host go nowhere") {
  Bench bench;
  bench.host(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  bench.host(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}})");
  CHECK(bench.said().empty());
}

TEST_CASE("notifications of the host go on, and their failure is not the host's") {
  Bench bench;
  constexpr const char* text = R"({"jsonrpc":"2.0","method":"notifications/x","params":{ }})";
  bench.host(text);
  CHECK(bench.said() == fmt::format("send  notifications/x {}\n", text));
  bench.fails(0);
  CHECK(bench.said().empty());
}

TEST_CASE("cancelling goes to the server") {
  Bench bench;
  bench.host(R"({"jsonrpc":"2.0","id":1,"method":"x/y"})");
  bench.said();
  bench.relay.cancel(
      "1",
      HostMessage::read(base::Bytes(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})")));
  CHECK(bench.said() == "cancel 1\n");
}

TEST_CASE("a request that fails is answered by an error") {
  Bench bench;
  bench.host(R"({"jsonrpc":"2.0","id":"a","method":"x/y"})");
  bench.said();
  bench.fails(0);
  CHECK(bench.said().starts_with(
      R"(< {"jsonrpc":"2.0","id":"a","error":{"code":-31003,"message":"no network")"));
  CHECK(bench.replies.all_answered());
}

TEST_CASE("a subscription keeps nothing from ending") {
  Bench bench;
  bench.host(kListen);
  CHECK(bench.replies.all_answered());
  CHECK(bench.relay.idle());
  CHECK(bench.replies.awaited_from(R"("L")") == &bench.relay);
}

TEST_CASE("a subscription that fails before it runs is answered by an error") {
  Bench bench;
  bench.host(kListen);
  bench.said();
  bench.fails(0);
  CHECK(bench.said().starts_with(R"(< {"jsonrpc":"2.0","id":"L","error":{"code":-31003)"));
  CHECK(bench.replies.awaited_from(R"("L")") == nullptr);
}

TEST_CASE("a running subscription that is given up is cancelled, and not answered") {
  Bench bench;
  bench.host(kListen);
  bench.says(0, kAcknowledged);
  bench.said();
  bench.fails(0);
  CHECK(bench.said() ==
        "< {\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
        "\"params\":{\"requestId\":\"L\"}}\n");
  CHECK(bench.replies.awaited_from(R"("L")") == nullptr);
}

TEST_CASE("a subscription that the server ends is answered") {
  Bench bench;
  bench.host(kListen);
  bench.says(0, kAcknowledged);
  bench.said();
  constexpr const char* answer = R"({"jsonrpc":"2.0","id":"L","result":{"resultType":"complete"}})";
  bench.answers(0, answer);
  CHECK(bench.said() == fmt::format("< {}\n", answer));
  bench.relay.abandon();
  CHECK(bench.said() == "abandon\n");
}

TEST_CASE("a subscription too many is refused") {
  Bench bench;
  const auto listen = [](std::size_t n) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"subscriptions/listen"}})", n);
  };
  for (std::size_t n = 0; n < ModernRelay::kMostListens; ++n) bench.host(listen(n));
  CHECK(bench.server.requests.size() == ModernRelay::kMostListens);
  bench.said();
  bench.host(listen(9999));
  CHECK(bench.said().starts_with(R"(< {"jsonrpc":"2.0","id":9999,"error":{"code":-31007,)"));
  CHECK(bench.replies.all_answered());
  bench.answers(5, R"({"jsonrpc":"2.0","id":5,"result":{}})");
  bench.said();
  bench.host(listen(9999));
  CHECK(bench.said().starts_with("send 9999 "));
}

TEST_CASE("at the end subscriptions end in order, and other requests without a word") {
  Bench bench;
  bench.host(kListen);
  bench.host(R"({"jsonrpc":"2.0","id":2,"method":"x/y"})");
  bench.said();
  bench.relay.abandon();
  CHECK(bench.said() ==
        "abandon\n"
        "< {\"jsonrpc\":\"2.0\",\"id\":\"L\",\"result\":{\"resultType\":\"complete\","
        "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"L\"}}}\n"
        "< {\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
        "\"params\":{\"requestId\":\"L\"}}\n");
}

TEST_CASE("a subscription that the host has cancelled is not ended again") {
  Bench bench;
  bench.host(kListen);
  bench.replies.withhold(R"("L")");
  bench.relay.cancel(
      R"("L")",
      HostMessage::read(base::Bytes(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})")));
  bench.said();
  bench.relay.abandon();
  CHECK(bench.said() == "abandon\n");
}

TEST_CASE("the relay is idle when the server is, and says so") {
  Bench bench;
  bench.server.is_idle = false;
  CHECK_FALSE(bench.relay.idle());
  bench.listener().on_idle();
  CHECK(bench.idle == 1);
}

}  // namespace
}  // namespace dogpipe::bridge
