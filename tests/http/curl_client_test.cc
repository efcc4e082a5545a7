#include "http/curl_client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>

#include "server.h"
#include "talk.h"

namespace dogpipe::http {
namespace {

using namespace std::chrono_literals;
using Connection = Server::Connection;
using Flow = Receiver::Flow;

// Answers every request of every connection with the same body.
Server::Handler always(std::string body) {
  return [body = std::move(body)](Connection& connection, int) {
    while (!connection.read_request().empty()) connection.respond(body);
  };
}

bool holds(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

TEST_CASE("a request and its answer") {
  Server server(always(R"({"a":1})"));
  Talk talk;
  talk.post(server.url(), "{\"body\":true}");
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.heads == 1);
  CHECK(talk.seen.media_type == "application/json");
  CHECK(talk.seen.body == R"({"a":1})");
  CHECK(talk.seen.end.body_left);
  CHECK(talk.transfer->body_left());
  REQUIRE(server.requests().size() == 1);
  const std::string request = server.requests()[0];
  CHECK(request.substr(0, 19) == "POST /mcp HTTP/1.1\r");
  CHECK(holds(request, "\r\nX-Test: yes\r\n"));
  CHECK(holds(request, "\r\nX-Empty:"));
  CHECK_FALSE(holds(request, "Expect"));
  CHECK_FALSE(holds(request, "Cookie"));
  CHECK(request.substr(request.size() - 13) == "{\"body\":true}");
}

TEST_CASE("one connection serves one request after the other, of all methods") {
  Server server(always("x"));
  Talk talk;
  for (const Method method : {Method::get, Method::del, Method::get}) {
    talk.post(server.url());
    CHECK(talk.run() == "200 ok");
    talk.get(server.url(), method);
    CHECK(talk.run() == "200 ok");
  }
  const auto requests = server.requests();
  REQUIRE(requests.size() == 6);
  CHECK(requests[1].substr(0, 4) == "GET ");
  CHECK(requests[3].substr(0, 7) == "DELETE ");
  CHECK(requests[4].substr(0, 5) == "POST ");
  CHECK(server.connections() == 1);
}

TEST_CASE("a chunked answer in many pieces, with interim responses before and trailers behind") {
  Server server([](Connection& connection, int) {
    connection.read_request();
    connection.send("HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n");
    connection.send(
        "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char* chunk : {"3\r\nabc\r\n", "1\r\nd\r\n", "0\r\nContent-Type: x/y\r\n\r\n"}) {
      connection.send(chunk);
    }
    connection.wait_for_close();
  });
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.heads == 1);
  CHECK(talk.seen.media_type == "text/event-stream");
  CHECK(talk.seen.body == "abcd");
  talk.transfer.reset();
  talk.linger(1ms);
}

TEST_CASE("a large request and a large answer") {
  const std::string large(4 << 20, 'L');
  Server server([&](Connection& connection, int) {
    const std::string request = connection.read_request();
    connection.respond(request.substr(request.size() - large.size()));
    connection.wait_for_close();
  });
  Talk talk;
  talk.post(server.url(), large);
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.body == large);
}

TEST_CASE("a client that is held takes nothing more, and goes on after its release") {
  std::promise<void> held;
  Server server([wait = held.get_future().share()](Connection& connection, int) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nfirst");
    wait.wait_for(10s);
    connection.send("second");
    connection.wait_for_close();
  });
  Talk talk;
  event::Timer release(talk.loop, [&] {
    CHECK(talk.seen.body == "first");
    talk.client.release();
  });
  talk.seen.at_data = [&](std::string_view piece) {
    if (piece == "first") {
      talk.client.hold();
      held.set_value();
      release.start(100ms);
    }
    return Flow::more;
  };
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.body == "firstsecond");
}

TEST_CASE("a request made while the client is held goes out, and its answer comes afterwards") {
  Server server(always("x"));
  Talk talk;
  talk.client.hold();
  event::Timer release(talk.loop, [&] {
    CHECK(server.requests().size() == 1);
    CHECK(talk.seen.heads == 0);
    talk.client.release();
  });
  release.start(100ms);
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
}

TEST_CASE("time in which the client is held does not count") {
  Server server(always("x"));
  Talk talk;
  talk.client.hold();
  event::Timer release(talk.loop, [&] { talk.client.release(); });
  release.start(150ms);
  talk.post(server.url(), "{}", false, {50ms, 50ms, 0ms, 0ms});
  CHECK(talk.run() == "200 ok");
}

TEST_CASE("a transfer that its receiver stops ends with an error") {
  Server server(always("x"));
  Talk talk;
  talk.seen.at_data = [](std::string_view) { return Flow::stop; };
  talk.post(server.url());
  talk.run();
  CHECK(talk.seen.ends == 1);
  CHECK(talk.seen.end.error.has_value());
}

TEST_CASE("dropping a transfer cancels it: nothing is reported, and the server sees the end") {
  for (const char* moment : {"before anything", "in on_head", "in on_data"}) {
    CAPTURE(std::string(moment));
    Server server([](Connection& connection, int) {
      connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
      connection.wait_for_close();
    });
    Talk talk;
    const auto drop = [&] {
      talk.transfer.reset();
      talk.loop.stop();
    };
    event::Timer later(talk.loop, [&] { drop(); });
    talk.seen.at_head = [&] {
      if (moment[3] == 'o' && moment[6] == 'h') drop();
    };
    talk.seen.at_data = [&](std::string_view) {
      if (moment[6] == 'd') drop();
      return Flow::more;
    };
    talk.post(server.url());
    if (moment[0] == 'b') later.start(0ms);
    talk.loop.run();
    const int heads = talk.seen.heads;
    talk.linger(20ms);
    CHECK(talk.seen.heads == heads);
    CHECK(talk.seen.ends == 0);
    if (moment[0] != 'b') CHECK(server.wait_until_closed(1));
  }
}

TEST_CASE("a transfer may be dropped in on_end, and the next begun there") {
  Server server(always("x"));
  Talk talk;
  bool again = true;
  talk.seen.at_end = [&] {
    if (std::exchange(again, false)) talk.post(server.url());
  };
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  if (talk.seen.ends == 1) CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.ends == 2);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a receiver may drop another transfer, whose receiver then hears nothing") {
  Server server(always("x"));
  Talk talk;
  Recorder other(talk.loop);
  Request request;
  request.url = server.url();
  request.headers = talk.headers;
  talk.get(server.url());
  auto second = talk.client.send(request, other);
  talk.seen.at_head = [&] { second.reset(); };
  CHECK(talk.run() == "200 ok");
  talk.linger(20ms);
  CHECK(other.heads == 0);
  CHECK(other.ends == 0);
}

TEST_CASE("redirects are not followed") {
  Server other(always("x"));
  Server server([&](Connection& connection, int) {
    connection.read_request();
    connection.send("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + other.url() +
                    "\r\nContent-Length: 0\r\n\r\n");
    connection.wait_for_close();
  });
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "307 ok");
  CHECK(other.connections() == 0);
}

// ---- requests that may have been seen

// Answers the first request and reads the second whole, then closes without a byte.
Server::Handler closes_on_the_second() {
  return [](Connection& connection, int number) {
    connection.read_request();
    connection.respond("first of " + std::to_string(number));
    if (!connection.read_request().empty() && number > 1) connection.respond("x");
  };
}

TEST_CASE("a request that a reused connection swallowed is not sent again") {
  Server server(closes_on_the_second());
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  talk.seen.status = 0;
  talk.post(server.url(), R"({"once":true})", false);
  CHECK(talk.run() == "0 cut, left");
  talk.linger(20ms);
  const auto requests = server.requests();
  CHECK(std::count_if(requests.begin(), requests.end(), [](const std::string& request) {
          return holds(request, R"({"once":true})");
        }) == 1);
}

TEST_CASE("a repeatable one is, on a new connection") {
  Server server(closes_on_the_second());
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  talk.seen.body.clear();
  talk.post(server.url(), "{}", true);
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.body == "first of 2");
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a connection that died while it idled is replaced without a word") {
  for (const bool with_reset : {false, true}) {
    CAPTURE(with_reset);
    std::promise<void> answered;
    Server server([&, wait = answered.get_future().share()](Connection& connection, int number) {
      connection.read_request();
      connection.respond("x");
      wait.wait_for(10s);
      if (number > 1) {
        connection.wait_for_close();
      } else if (with_reset) {
        connection.reset();
      }
    });
    Talk talk;
    talk.post(server.url());
    CHECK(talk.run() == "200 ok");
    answered.set_value();
    REQUIRE(server.wait_until_closed(1));
    talk.post(server.url(), R"({"once":true})", false);
    CHECK(talk.run() == "200 ok");
    CHECK(server.requests().size() == 2);
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("a first connection that closes without an answer may have carried it out") {
  Server server([](Connection& connection, int) { connection.read_request(); });
  Talk talk;
  for (const bool may_resend : {false, true}) {
    talk.post(server.url(), "{}", may_resend);
    CHECK(talk.run() == "0 cut, left");
  }
  CHECK(server.requests().size() == 2);
}

TEST_CASE("an answer that breaks off is cut, not complete") {
  Server server([](Connection& connection, int number) {
    connection.read_request();
    connection.send(number == 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                                : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf");
  });
  Talk talk;
  for (int i = 0; i < 2; ++i) {
    talk.post(server.url());
    CHECK(talk.run() == "200 cut, left");
  }
  CHECK(talk.seen.body == "halfhalf");
}

TEST_CASE("a refused connection carries nothing") {
  Talk talk;
  talk.post("http://127.0.0.1:" + std::to_string(unused_port()) + "/");
  CHECK(talk.run() == "0 unreachable");
  CHECK_FALSE(talk.seen.end.body_left);
  CHECK(holds(talk.seen.end.error->what, "127.0.0.1"));
}

}  // namespace
}  // namespace dogpipe::http
