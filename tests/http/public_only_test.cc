// What a server names must not lead to this machine or its network.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "event/loop.h"
#include "server.h"
#include "talk.h"

namespace dogpipe::http {
namespace {

using namespace std::chrono_literals;

// Listens on 127.0.0.1 and, where there is one, on ::1, on one port; ends each connection at once.
class Listener {
 public:
  explicit Listener(event::Loop& loop) : tick_(loop, [this] { look(); }) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof v4;
    REQUIRE(::bind(four_, reinterpret_cast<sockaddr*>(&v4), size) == 0);
    REQUIRE(::getsockname(four_, reinterpret_cast<sockaddr*>(&v4), &size) == 0);
    port = ntohs(v4.sin_port);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_port = v4.sin_port;
    has_six = ::bind(six_, reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0;
    REQUIRE(::listen(four_, 8) == 0);
    if (has_six) REQUIRE(::listen(six_, 8) == 0);
    look();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    ::close(four_);
    ::close(six_);
  }

  // Also what has come and is not accepted yet.
  int connections() {
    look();
    return connections_;
  }

  int port = 0;
  bool has_six = false;

 private:
  void look() {
    for (const int listening : {four_, six_}) {
      for (int fd; (fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
        ++connections_;
        ::close(fd);
      }
    }
    tick_.start(5ms);
  }

  int four_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int six_ = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int connections_ = 0;
  event::Timer tick_;
};

void get(Talk& talk, const std::string& url, bool public_only) {
  Request request;
  request.url = url;
  request.headers = talk.headers;
  request.public_only = public_only;
  talk.send(std::move(request));
}

TEST_CASE("a request for public addresses makes no connection to this machine, however spelled") {
  for (const char* host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "0177.0.0.1",
                           "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}) {
    CAPTURE(std::string(host));
    for (const bool public_only : {true, false}) {
      Talk talk;
      Listener listener(talk.loop);
      if (std::string(host) == "[::1]" && !listener.has_six) continue;
      get(talk, "http://" + std::string(host) + ':' + std::to_string(listener.port) + "/x",
          public_only);
      const std::string outcome = talk.run();
      CHECK(listener.connections() == (public_only ? 0 : 1));
      CHECK(outcome == (public_only ? "0 untrusted" : "0 cut, left"));
      CHECK(talk.seen.end.body_left != public_only);
    }
  }
}

TEST_CASE("the handle of a refused request serves others") {
  Server server([](Server::Connection& connection, int) {
    connection.read_request();
    connection.respond("{}");
  });
  Talk talk;
  get(talk, server.url(), true);
  CHECK(talk.run() == "0 untrusted");
  get(talk, server.url(), false);
  CHECK(talk.run() == "200 ok");
  CHECK(server.connections() == 1);
}

TEST_CASE("a proxy may be near, since it is the proxy that resolves") {
  Server proxy([](Server::Connection& connection, int) {
    connection.read_request();
    connection.respond("{}");
  });
  Network network = Talk::plain();
  network.proxy = base::Secret("http://127.0.0.1:" + std::to_string(proxy.port()));
  network.no_proxy = "127.0.0.1";
  Talk talk(network);
  get(talk, "http://mcp.example/x", true);
  CHECK(talk.run() == "200 ok");
  CHECK(proxy.connections() == 1);
  get(talk, "http://127.0.0.1:" + std::to_string(proxy.port()) + "/x", true);
  talk.run();
  REQUIRE(talk.seen.end.error);
  CHECK(talk.seen.end.error->kind == base::Kind::untrusted);
  CHECK(proxy.connections() == 1);
}

}  // namespace
}  // namespace dogpipe::http
