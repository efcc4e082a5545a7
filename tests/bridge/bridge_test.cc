// The whole bridge on real pipes, the server played by the test.
#include "bridge/bridge.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "event/signals.h"
#include "world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

// A bridge, the host's ends of its pipes, and a server that answers as soon as it is asked: with
// the id that the request has, or, to `hang`, not at all.
class Running {
 public:
  Running() {
    event::ignore_broken_pipes();
    static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
    REQUIRE(::pipe2(input_.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(output_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    client.on_send = [this](fakes::FakeRequest& request) {
      sent_.push_back(&request);
      serve_.schedule();
    };
    Settings settings;
    settings.endpoint.url = "https://mcp.example/";
    settings.endpoint.longest_message = 1 << 20;
    settings.longest_line = 1 << 20;
    settings.eras.expect_legacy = true;
    settings.mint = [] { return std::string("\"b\""); };
    settings.input_fd = input_[0];
    settings.output_fd = output_[1];
    bridge.emplace(loop, client, authorizer_, std::move(settings));
  }
  ~Running() {
    bridge.reset();
    close_input();
    for (const int fd : {input_[0], output_[0], output_[1]}) {
      if (fd >= 0) ::close(fd);
    }
  }

  void host(std::string_view lines, const char* end = "\n") {
    const std::string text = full(lines) + end;
    REQUIRE(::write(input_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close_input() {
    if (input_[1] >= 0) ::close(std::exchange(input_[1], -1));
  }
  void stop_reading() { ::close(std::exchange(output_[0], -1)); }

  // Until the bridge stops the loop. False if it does not.
  bool run() {
    bool too_long = false;
    event::Timer limit(loop, [&] {
      too_long = true;
      loop.stop();
    });
    limit.start(20s);
    loop.run();
    return !too_long;
  }
  std::string output() {
    std::array<char, 65536> chunk;
    const ssize_t got = ::read(output_[0], chunk.data(), chunk.size());
    return brief({chunk.data(), static_cast<std::size_t>(got > 0 ? got : 0)});
  }
  std::string last_request() {
    const auto& request = client.at(client.count() - 1);
    return std::string(fakes::method_name(request.request().method)) + ' ' + brief(request.body());
  }

  event::UvLoop loop;
  fakes::FakeClient client;
  std::optional<Bridge> bridge;
  bool end_session_hangs = false;

 private:
  void serve() {
    for (fakes::FakeRequest* request : std::exchange(sent_, {})) {
      const std::string body(request->body());
      if (body.find("hang") != std::string::npos) continue;
      if (request->request().method == http::Method::del && end_session_hangs) continue;
      const auto scanned = rpc::scan(body);
      if (!scanned || !scanned->id) {
        request->answer(request->request().method == http::Method::get ? 405 : 202, "", "");
        continue;
      }
      request->answer(200, "application/json",
                      R"({"jsonrpc":"2.0","id":)" + std::string(scanned->id.in(body)) +
                          R"(,"result":{"protocolVersion":"2025-06-18"}})",
                      {{"Mcp-Session-Id", "S1"}});
    }
  }

  FakeAuthorizer authorizer_;
  std::array<int, 2> input_ = {-1, -1};
  std::array<int, 2> output_ = {-1, -1};
  std::vector<fakes::FakeRequest*> sent_;
  event::Deferred serve_{loop, [this] { serve(); }};
};

constexpr std::string_view kAnswer0 = R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})";
constexpr std::string_view kAnswer1 = R"({"id":1,"result":{"protocolVersion":"2025-06-18"}})";

TEST_CASE("a host that writes everything at once and leaves gets every answer") {
  Running running;
  running.host(std::string(kInitialize) + '\n' + std::string(kInitialized) + '\n' +
               R"({"id":1,"method":"tools/list"})");
  running.close_input();
  CHECK(running.run());
  CHECK(running.output() == std::string(kAnswer0) + '\n' + std::string(kAnswer1) + '\n');
  CHECK(running.last_request() == "DELETE ");
  CHECK_FALSE(running.bridge->lost_work());
}

TEST_CASE("a last line without its end is a line") {
  Running running;
  running.host(R"({"id":1,"method":"ping"})", "");
  running.close_input();
  CHECK(running.run());
  CHECK(running.output() == "{\"id\":1,\"result\":{}}\n");
}

TEST_CASE("a host that leaves without a word is left") {
  Running running;
  running.close_input();
  CHECK(running.run());
  CHECK(running.client.count() == 0);
}

TEST_CASE("calls that hang are cancelled when the host has left, and the session is ended") {
  Running running;
  running.host(std::string(kInitialize) + '\n' + std::string(kInitialized) + '\n' +
               R"({"id":1,"method":"tools/call","params":{"name":"hang"}})");
  running.close_input();
  SUBCASE("the server ends it") {}
  SUBCASE("the server does not even do that") { running.end_session_hangs = true; }
  CHECK(running.run());
  CHECK(running.bridge->lost_work());
  const std::size_t count = running.client.count();
  CHECK(running.last_request() == "DELETE ");
  CHECK(brief(running.client.at(count - 2).body()) ==
        R"({"method":"notifications/cancelled","params":{"requestId":1}})");
}

TEST_CASE("a signal leaves at once when nothing is under way, and tells when something was") {
  for (const bool busy : {false, true}) {
    for (const int signals : {1, 2}) {
      CAPTURE(busy);
      CAPTURE(signals);
      Running running;
      running.host(std::string(kInitialize) + '\n' + std::string(kInitialized));
      if (busy) running.host(R"({"id":1,"method":"tools/call","params":{"name":"hang"}})");
      event::Timer signal(running.loop, [&] {
        for (int i = 0; i < signals; ++i) running.bridge->stop();
      });
      signal.start(20ms);
      CHECK(running.run());
      CHECK(running.bridge->lost_work() == busy);
      CHECK_FALSE(running.bridge->failed());
    }
  }
}

TEST_CASE("while the host does not read the client is held, and then everything arrives") {
  constexpr int kMessages = 60;
  Running running;
  running.host(std::string(kInitialize) + '\n' + std::string(kInitialized) + '\n' +
               R"({"id":1,"method":"tools/call","params":{"name":"hang"}})");
  const std::string large = R"({"method":"m","params":[")" + std::string(100'000, 'x') + "\"]}";
  std::string got;
  int sent = 0;
  bool was_held = false;
  event::Timer speak(running.loop, [&] {
    auto& call = running.client.at(running.client.count() - 1);
    if (sent == 0) call.head(200, "text/event-stream");
    call.data(event(large));
    was_held = was_held || running.client.held();
    if (++sent < kMessages) return speak.start(0ms);
    call.data(event(R"({"id":1,"result":{}})"));
  });
  event::Timer read(running.loop, [&] {
    const std::string more = running.output();
    got += more;
    if (got.find(R"({"id":1,"result":{}})") != std::string::npos) running.close_input();
    read.start(more.empty() ? 1ms : 0ms);
  });
  speak.start(20ms);
  read.start(60ms);
  CHECK(running.run());
  CHECK(was_held);
  CHECK_FALSE(running.client.held());
  CHECK(got.size() > kMessages * large.size());
  CHECK_FALSE(running.bridge->lost_work());
}

TEST_CASE("a host that stops reading ends the bridge") {
  Running running;
  running.stop_reading();
  running.host(R"({"id":1,"method":"ping"})");
  CHECK(running.run());
}

}  // namespace
}  // namespace dogpipe::bridge
