#include "event/http_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "event/loop.h"
#include "event/signals.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

using namespace std::chrono_literals;

// A client that blocks, for a thread of its own.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    const timeval patience{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(fd_); }

  Client& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  // Until `mark` has come, or the end.
  std::string read_to(std::string_view mark) {
    std::string text;
    char chunk[4096];
    while (text.find(mark) == std::string::npos) {
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) {
        error_ = got < 0 ? errno : 0;
        ended_ = true;
        break;
      }
      text.append(chunk, static_cast<std::size_t>(got));
    }
    return text;
  }
  std::string read_all() { return read_to(std::string_view("\0never", 6)); }
  bool ended() const { return ended_; }
  int error() const { return error_; }

 private:
  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  int error_ = 0;
};

// A server on a loop, and clients in a thread; runs until the clients have finished.
struct Stage {
  UvLoop loop;
  std::unique_ptr<HttpServer> server;
  HttpLimits limits;
  std::vector<HttpRequest> requests;
  std::list<HttpAnswer> answers;  // that a test keeps
  std::list<std::unique_ptr<Timer>> timers;

  void serve(HttpServer::Handler handler) {
    auto socket = ListenSocket::bind("127.0.0.1", 0, true);
    REQUIRE(socket);
    auto made = HttpServer::make(loop, std::move(*socket), limits, std::move(handler));
    REQUIRE(made);
    server = *std::move(made);
  }
  void after(base::Duration delay, std::function<void()> task) {
    timers.push_back(std::make_unique<Timer>(loop, std::move(task)));
    timers.back()->start(delay);
  }
  void play(std::function<void(std::uint16_t)> clients) {
    bool finished = false;
    const std::uint16_t port = server->port();
    std::thread thread([&] {
      clients(port);
      __atomic_store_n(&finished, true, __ATOMIC_RELEASE);
    });
    Timer look(loop, [&] {
      if (__atomic_load_n(&finished, __ATOMIC_ACQUIRE)) return loop.stop();
      look.start(5ms);
    });
    look.start(5ms);
    loop.run();
    thread.join();
  }
  void settle(base::Duration time) {
    Timer stop(loop, [&] { loop.stop(); });
    stop.start(time);
    loop.run();
  }
};

HttpReply text(std::string body) {
  HttpReply reply;
  reply.fields.add("Content-Type", "text/plain");
  reply.body = std::move(body);
  return reply;
}

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: here\r\n" + std::string(more) + "\r\n";
}

TEST_CASE("a request arrives as it was sent, and its answer ends it") {
  Stage stage;
  stage.serve([&](HttpRequest request, HttpAnswer answer) {
    stage.requests.push_back(std::move(request));
    answer.respond(text("hello"));
    CHECK_FALSE(answer.open());
  });
  std::string got;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    client.send(
        "POST /a%20b/c?x=1&y=%3F?z HTTP/1.1\r\nHost: here\r\nX-One: 1\r\nx-one: 2\r\n"
        "Content-Length: 4\r\n\r\nbody");
    got = client.read_to("hello");
  });
  REQUIRE(stage.requests.size() == 1);
  const HttpRequest& request = stage.requests.front();
  CHECK(request.method == "POST");
  CHECK(request.path == "/a%20b/c");
  CHECK(request.query == "x=1&y=%3F?z");
  CHECK(request.body == "body");
  CHECK(request.fields.find("HOST") == "here");
  CHECK(request.fields.find("x-ONE") == "1");
  CHECK(request.fields.count("X-One") == 2);
  CHECK_FALSE(request.fields.find("absent"));
  CHECK(got.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(got.find("Content-Length: 5\r\n") != std::string::npos);
}

TEST_CASE("a connection is used again, with chunked bodies as well") {
  Stage stage;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    answer.respond(text("<" + request.body + ">"));
  });
  std::string first, second;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    first = client
                .send(
                    "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                .read_to(">");
    second = client.send(get("/")).read_to(">");
  });
  CHECK(first.find("<abcde>") != std::string::npos);
  CHECK(second.find("<>") != std::string::npos);
}

TEST_CASE("an answer may come later, and those of other connections before it") {
  Stage stage;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    if (request.path == "/fast") return answer.respond(text("fast."));
    auto& kept = stage.answers.emplace_back(std::move(answer));
    stage.after(50ms, [&kept] { kept.respond(text("slow.")); });
  });
  std::string slow, fast;
  stage.play([&](std::uint16_t port) {
    Client one(port), two(port);
    one.send(get("/slow"));
    fast = two.send(get("/fast")).read_to(".");
    slow = one.read_to("slow.");
  });
  CHECK(fast.find("fast.") != std::string::npos);
  CHECK(slow.find("slow.") != std::string::npos);
}

TEST_CASE("a stream leaves piece by piece, each as soon as it is written") {
  Stage stage;
  stage.serve([&](const HttpRequest&, HttpAnswer answer) {
    auto& kept = stage.answers.emplace_back(std::move(answer));
    kept.start_stream(200, {{"Content-Type", "text/event-stream"}});
    kept.write("one.");
    stage.after(30ms, [&kept] { kept.write("two."); });
    stage.after(60ms, [&kept] {
      kept.write("three.");
      kept.end();
    });
  });
  std::vector<std::string> pieces;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    client.send(get("/"));
    for (const char* mark : {"one.", "two.", "three.\r\n0\r\n\r\n"})
      pieces.push_back(client.read_to(mark));
  });
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK(pieces[0].find("two.") == std::string::npos);
  CHECK(pieces[1] == "4\r\ntwo.\r\n");
  CHECK(pieces[2] == "6\r\nthree.\r\n0\r\n\r\n");
}

TEST_CASE("a long stream and a long body come whole") {
  Stage stage;
  const std::string large(20u << 20, 'x');
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    if (request.path == "/body") return answer.respond(text(large + "!"));
    answer.start_stream(200, {});
    answer.write(large);
    answer.write(".");
    CHECK(answer.queued_bytes() == large.size() + 1);
    answer.end();
  });
  std::size_t body = 0, stream = 0;
  stage.play([&](std::uint16_t port) {
    body = Client(port).send(get("/body")).read_to("!").size();
    stream = Client(port).send(get("/stream")).read_to("0\r\n\r\n").size();
  });
  CHECK(body > large.size());
  CHECK(stream > large.size());
}

TEST_CASE("a dropped answer cuts the connection: without a byte, or behind what was written") {
  Stage stage;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    if (request.path == "/nothing") return;
    answer.start_stream(200, {});
    answer.write("some");
  });
  std::string nothing, some;
  stage.play([&](std::uint16_t port) {
    nothing = Client(port).send(get("/nothing")).read_all();
    some = Client(port).send(get("/some")).read_all();
  });
  CHECK(nothing.empty());
  CHECK(some.find("4\r\nsome\r\n") != std::string::npos);
  CHECK(some.find("0\r\n\r\n") == std::string::npos);
}

TEST_CASE("a body can be shorter than promised") {
  Stage stage;
  stage.serve([&](const HttpRequest&, HttpAnswer answer) {
    HttpReply reply = text("half");
    reply.promised_bytes = 8;
    answer.respond(std::move(reply));
  });
  std::string got;
  stage.play([&](std::uint16_t port) { got = Client(port).send(get("/")).read_all(); });
  CHECK(got.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(got.substr(got.size() - 8) == "\r\n\r\nhalf");
}

TEST_CASE("a reset is seen as one") {
  Stage stage;
  stage.serve([](const HttpRequest&, HttpAnswer answer) { answer.reset(); });
  int error = 0;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    client.send(get("/")).read_all();
    error = client.error();
  });
  CHECK(error == ECONNRESET);
}

TEST_CASE("whoever owes an answer learns that the client has gone") {
  Stage stage;
  int gone = 0;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    auto& kept = stage.answers.emplace_back(std::move(answer));
    kept.on_gone([&] { ++gone; });
    if (request.path == "/stream") {
      kept.start_stream(200, {});
      kept.write("some.");
    }
  });
  stage.play([&](std::uint16_t port) {
    Client(port).send(get("/stream")).read_to("some.");
    Client(port).send(get("/wait"));
    std::this_thread::sleep_for(100ms);
  });
  CHECK(gone == 2);
  for (const HttpAnswer& answer : stage.answers) CHECK_FALSE(answer.open());
  stage.answers.front().write("nobody listens");
  int late = 0;
  stage.answers.front().on_gone([&] { ++late; });
  stage.settle(20ms);
  CHECK(late == 1);
}

TEST_CASE("a head that is not clear is refused") {
  Stage stage;
  stage.serve([](const HttpRequest&, HttpAnswer answer) { answer.respond(text("")); });
  const std::pair<const char*, const char*> heads[] = {
      {"", "400"},
      {"Host: \r\n", "400"},
      {"Host: a\r\nHost: a\r\n", "400"},
      {"Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "400"},
      {"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", "400"},
      {"Host: a\r\nContent-Length: -1\r\n", "400"},
      {"Host: a\r\nContent-Length: 8193\r\n", "413"},
      {"Host: a\r\nTransfer-Encoding: gzip\r\n", "501"},
  };
  std::vector<std::string> answers;
  stage.play([&](std::uint16_t port) {
    for (const auto& [head, status] : heads) {
      answers.push_back(
          Client(port).send("POST / HTTP/1.1\r\n" + std::string(head) + "\r\n").read_to("\r\n"));
    }
  });
  for (std::size_t i = 0; i < std::size(heads); ++i) {
    CAPTURE(heads[i].first);
    CHECK(answers[i].substr(0, 12) == "HTTP/1.1 " + std::string(heads[i].second));
  }
}

TEST_CASE("a chunked body that passes the limit ends the connection") {
  Stage stage;
  stage.limits.body_bytes = 10;
  int calls = 0;
  stage.serve([&](const HttpRequest&, HttpAnswer answer) {
    ++calls;
    answer.respond(text(""));
  });
  bool ended = false;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n");
    client.read_all();
    ended = client.ended();
  });
  CHECK(ended);
  CHECK(calls == 0);
}

TEST_CASE("a slow request and an idle connection are shut in time") {
  Stage stage;
  stage.limits.request_time = 80ms;
  stage.limits.idle_time = 80ms;
  stage.serve([](const HttpRequest&, HttpAnswer answer) { answer.respond(text("hello")); });
  base::Duration slow{}, idle{};
  stage.play([&](std::uint16_t port) {
    const auto began = base::Clock::now();
    Client dripping(port);
    dripping.send("GET / HTTP/1.1\r\nHost: a\r\n");
    dripping.read_all();
    slow = base::Clock::now() - began;
    const auto again = base::Clock::now();
    Client(port).send(get("/")).read_all();
    idle = base::Clock::now() - again;
  });
  CHECK(slow >= 75ms);
  CHECK(slow < 2s);
  CHECK(idle >= 75ms);
  CHECK(idle < 2s);
}

TEST_CASE("one client more than the limit: the oldest that is owed nothing goes") {
  Stage stage;
  stage.limits.connections = 4;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    if (request.path == "/wait") {
      auto& kept = stage.answers.emplace_back(std::move(answer));
      stage.after(150ms, [&kept] { kept.respond(text("waited.")); });
      return;
    }
    answer.respond(text("hello."));
  });
  std::string waited, served, idle;
  stage.play([&](std::uint16_t port) {
    Client owed(port);
    owed.send(get("/wait"));
    std::this_thread::sleep_for(30ms);
    std::list<Client> slow;
    for (int i = 0; i < 3; ++i) slow.emplace_back(port).send("GET ");
    std::this_thread::sleep_for(30ms);
    Client fifth(port);
    served = fifth.send(get("/")).read_to("hello.");
    idle = slow.front().read_all();
    waited = owed.read_to("waited.");
  });
  CHECK(served.find("hello.") != std::string::npos);
  CHECK(idle.empty());
  CHECK(waited.find("waited.") != std::string::npos);
}

TEST_CASE("a flood of idle clients keeps nobody out") {
  Stage stage;
  stage.serve([](const HttpRequest&, HttpAnswer answer) { answer.respond(text("hello.")); });
  int served = 0;
  stage.play([&](std::uint16_t port) {
    std::list<Client> idle;
    for (int i = 0; i < 300; ++i) {
      idle.emplace_back(port);
      if (i % 30 == 29 &&
          Client(port).send(get("/")).read_to("hello.").find("hello.") != std::string::npos) {
        ++served;
      }
    }
  });
  CHECK(served == 10);
  CHECK(stage.server->connections() <= 16 + 10);
}

TEST_CASE("the handler may destroy the server, and answers may outlive it") {
  Stage stage;
  stage.serve([&](const HttpRequest&, HttpAnswer answer) {
    stage.answers.push_back(std::move(answer));
    stage.server.reset();
  });
  std::string got = "x";
  stage.play([&](std::uint16_t port) { got = Client(port).send(get("/")).read_all(); });
  CHECK(got.empty());
  REQUIRE(stage.answers.size() == 1);
  CHECK_FALSE(stage.answers.front().open());
  stage.answers.front().respond(text("too late"));
}

TEST_CASE("a server goes with streams open and answers owed, and frees its port") {
  Stage stage;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    auto& kept = stage.answers.emplace_back(std::move(answer));
    kept.on_gone([] { FAIL("not for the server's own end"); });
    if (request.path == "/stream") kept.start_stream(200, {});
  });
  const std::uint16_t port = stage.server->port();
  stage.after(60ms, [&] { stage.server.reset(); });
  bool ended = false;
  stage.play([&](std::uint16_t to) {
    Client stream(to), waiting(to), idle(to);
    stream.send(get("/stream"));
    waiting.send(get("/wait"));
    stream.read_all();
    waiting.read_all();
    idle.read_all();
    ended = stream.ended() && waiting.ended() && idle.ended();
  });
  CHECK(ended);
  CHECK(ListenSocket::bind("127.0.0.1", port, true));
}

TEST_CASE("a reply that has left is told of, and the server may go then") {
  Stage stage;
  const std::string body(4u << 20, 'b');
  int told = 0;
  stage.serve([&](const HttpRequest&, HttpAnswer answer) {
    HttpReply reply = text(body);
    answer.respond(std::move(reply), [&] {
      ++told;
      stage.server.reset();
    });
    CHECK(told == 0);
  });
  std::string got;
  stage.play([&](std::uint16_t port) { got = Client(port).send(get("/")).read_all(); });
  CHECK(told == 1);
  CHECK(got.size() > body.size());
  CHECK(got.compare(got.size() - body.size(), body.size(), body) == 0);
}

TEST_CASE("a reply that did not leave is not told of") {
  Stage stage;
  int told = 0;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    if (request.path == "/small") return answer.respond(text("small."));
    answer.respond(text(std::string(16u << 20, 'b')), [&] { ++told; });
  });
  std::string small;
  stage.play([&](std::uint16_t port) {
    Client(port).send(get("/")).read_to("b");  // and goes in the middle
    small = Client(port).send(get("/small")).read_to("small.");
  });
  CHECK(small.find("small.") != std::string::npos);
  stage.server.reset();
  stage.settle(0ms);
  CHECK(told == 0);
}

TEST_CASE("a port that is taken is an error") {
  auto first = ListenSocket::bind("127.0.0.1", 0);
  REQUIRE(first);
  const auto second = ListenSocket::bind("127.0.0.1", first->port());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == base::Kind::unreachable);
  CHECK_FALSE(ListenSocket::bind("not an address", 0));
}

TEST_CASE("a port is shared with nobody") {
  auto socket = ListenSocket::bind("127.0.0.1", 0);
  REQUIRE(socket);
  const int fd = socket->release();
  for (const int option : {SO_REUSEADDR, SO_REUSEPORT}) {
    int value = -1;
    socklen_t size = sizeof value;
    CHECK(::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0);
    CHECK(value == 0);
  }
  ::close(fd);
}

TEST_CASE("an address that the machine does not have is told from a port that is taken") {
  CHECK(ListenSocket::has("127.0.0.1"));
  CHECK_FALSE(ListenSocket::has("192.0.2.1"));  // for documentation: RFC 5737
  CHECK_FALSE(ListenSocket::has("2001:db8::1"));
  CHECK_FALSE(ListenSocket::has("not an address"));
}

TEST_CASE("requests that come together on one connection are answered in turn") {
  Stage stage;
  stage.serve([&](const HttpRequest& request, HttpAnswer answer) {
    auto& kept = stage.answers.emplace_back(std::move(answer));
    stage.after(10ms, [&kept, path = request.path] { kept.respond(text(path + ".")); });
  });
  std::string got;
  stage.play([&](std::uint16_t port) {
    Client client(port);
    got = client.send(get("/one") + get("/two")).read_to("/two.");
  });
  CHECK(got.find("/one.") < got.find("/two."));
}

}  // namespace
}  // namespace dogpipe::event
