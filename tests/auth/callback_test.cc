#include "auth/callback.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <list>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "event/listen_socket.h"
#include "event/loop.h"
#include "event/uv_loop.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using event::ListenSocket;

// A browser, more or less: blocks, so in a thread of its own.
class Client {
 public:
  explicit Client(std::uint16_t port, bool six = false)
      : fd_(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    connected_ = (six ? ::connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6)
                      : ::connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4)) == 0;
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(fd_); }

  bool connected() const { return connected_; }
  Client& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  Client& send_end() {
    ::shutdown(fd_, SHUT_WR);
    return *this;
  }
  // One reply with a Content-Length; of one to HEAD, and of none, what there is.
  std::string read_reply() {
    while (!whole()) {
      char chunk[4096];
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      seen_.append(chunk, static_cast<std::size_t>(got));
    }
    const std::size_t size = whole() ? size_of_reply() : seen_.size();
    std::string reply = seen_.substr(0, size);
    seen_.erase(0, size);
    return reply;
  }
  std::string read_all() {
    char chunk[4096];
    for (ssize_t got; (got = ::recv(fd_, chunk, sizeof chunk, 0)) > 0;) {
      seen_.append(chunk, static_cast<std::size_t>(got));
    }
    return std::exchange(seen_, "");
  }
  // Whether the other side has ended it, as of now.
  bool is_ended() const {
    pollfd watched{fd_, POLLIN, 0};
    char byte;
    return ::poll(&watched, 1, 0) == 1 && ::recv(fd_, &byte, 1, MSG_PEEK) <= 0;
  }

 private:
  std::size_t size_of_reply() const {
    const std::size_t body = seen_.find("\r\n\r\n") + 4;
    const std::size_t at = seen_.find("Content-Length: ");
    return at < body ? body + std::stoul(seen_.substr(at + 16)) : body;
  }
  bool whole() const {
    return seen_.find("\r\n\r\n") != std::string::npos && seen_.size() >= size_of_reply();
  }

  int fd_;
  bool connected_ = false;
  std::string seen_;
};

std::string status_of(const std::string& reply) {
  return reply.substr(0, 9) == "HTTP/1.1 " ? reply.substr(9, 3) : "none";
}

std::string body_of(const std::string& reply) { return reply.substr(reply.find("\r\n\r\n") + 4); }

// The header lines in order, without what changes from reply to reply.
Strings head_of(const std::string& reply) {
  std::istringstream text(reply.substr(0, reply.find("\r\n\r\n") + 2));
  Strings lines;
  for (std::string line; std::getline(text, line);) {
    line.pop_back();
    if (line.rfind("Date:", 0) != 0 && line.rfind("Content-Length:", 0) != 0) lines.push_back(line);
  }
  std::sort(lines.begin() + 1, lines.end());
  return lines;
}

constexpr std::string_view kGood = "code=good&state=right";

// A listener on a loop, clients in a thread; runs until the clients have finished.
struct Stage {
  event::UvLoop loop;
  std::unique_ptr<Callback> callback;
  std::vector<Callback::Visitor> kept;
  int visits = 0;
  int good = 0;
  int shown = 0;
  // What becomes of a visitor with the good query.
  std::function<void(Callback::Visitor)> welcome = [](Callback::Visitor visitor) {
    visitor.show({ResultPage::Kind::signed_in, "Acme"});
  };

  base::Result<void> listen(const Callback::Place& place) {
    auto made =
        Callback::listen(loop, place, [this](std::string_view query, Callback::Visitor visitor) {
          ++visits;
          if (query != kGood) return visitor.reject();
          ++good;
          welcome(std::move(visitor));
        });
    if (!made) return std::move(made).error();
    callback = *std::move(made);
    callback->on_shown([this] { ++shown; });
    return {};
  }
  std::uint16_t port() const {
    const std::string uri = callback->redirect_uri();
    return static_cast<std::uint16_t>(std::stoi(uri.substr(uri.rfind(':') + 1)));
  }
  void play(const std::function<void()>& clients) {
    std::atomic<bool> finished = false;
    std::thread thread([&] {
      clients();
      finished = true;
    });
    event::Timer look(loop, [&] {
      if (finished) return loop.stop();
      look.start(2ms);
    });
    look.start(2ms);
    loop.run();
    thread.join();
  }
};

Stage& listening(Stage& stage, const Callback::Place& place = {}) {
  REQUIRE(stage.listen(place));
  return stage;
}

std::string request(std::uint16_t port, const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n" + more +
         "\r\n";
}

bool has_ipv6() { return ListenSocket::has("::1"); }

TEST_CASE("the browser comes with the code and is sent on to the page") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  CHECK(stage.callback->redirect_uri() == "http://localhost:" + std::to_string(port) + "/callback");
  std::string early, sent_on, page;
  stage.play([&] {
    Client client(port);
    early = client.send(request(port, "/done")).read_reply();
    sent_on = client.send(request(port, "/callback?" + std::string(kGood))).read_reply();
    page = client.send(request(port, "/done")).read_reply();
  });
  CHECK(status_of(early) == "404");
  CHECK(head_of(sent_on) == Strings{"HTTP/1.1 302 Found", "Cache-Control: no-store",
                                    "Content-Security-Policy: default-src 'none'",
                                    "Location: /done", "Referrer-Policy: no-referrer",
                                    "X-Content-Type-Options: nosniff"});
  CHECK(body_of(sent_on).empty());
  CHECK(head_of(page) == Strings{"HTTP/1.1 200 OK", "Cache-Control: no-store",
                                 "Content-Security-Policy: default-src 'none'",
                                 "Content-Type: text/html; charset=utf-8",
                                 "Referrer-Policy: no-referrer",
                                 "X-Content-Type-Options: nosniff"});
  CHECK(page.find("organization Acme.") != std::string::npos);
  CHECK(stage.visits == 1);
  CHECK(stage.shown == 1);
}

TEST_CASE("both addresses of this machine lead to the listener") {
  if (!has_ipv6()) return;
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  Strings statuses;
  stage.play([&] {
    for (const bool six : {false, true}) {
      Client client(port, six);
      statuses.push_back(status_of(client.send(request(port, "/callback?x")).read_reply()));
    }
  });
  CHECK(statuses == Strings{"400", "400"});
  CHECK(stage.visits == 2);
}

TEST_CASE("the page may be the last that the listener does") {
  for (int i = 0; i < 30; ++i) {
    Stage stage;
    const std::uint16_t port = listening(stage).port();
    stage.callback->on_shown([&] { stage.callback.reset(); });
    std::string page, rest = "x";
    stage.play([&] {
      Client client(port);
      client.send(request(port, "/callback?" + std::string(kGood))).read_reply();
      page = client.send(request(port, "/done")).read_reply();
      rest = client.read_all();
    });
    CHECK(page.find("</html>\n") != std::string::npos);
    CHECK(rest.empty());
    CHECK_FALSE(Client(port).connected());
  }
}

TEST_CASE("each kind of end has its page, and the last one stands") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  std::vector<ResultPage::Kind> kinds = {ResultPage::Kind::refused, ResultPage::Kind::failed,
                                         ResultPage::Kind::signed_in};
  std::size_t turn = 0;
  stage.welcome = [&](Callback::Visitor visitor) { visitor.show({kinds[turn++], ""}); };
  Strings pages;
  stage.play([&] {
    Client client(port);
    for (int i = 0; i < 3; ++i) {
      client.send(request(port, "/callback?" + std::string(kGood))).read_reply();
      pages.push_back(body_of(client.send(request(port, "/done")).read_reply()));
    }
  });
  REQUIRE(pages.size() == 3);
  CHECK(pages[0].find("<h1>sign-in refused</h1>") != std::string::npos);
  CHECK(pages[1].find("<h1>sign-in failed</h1>") != std::string::npos);
  CHECK(pages[2].find("<h1>signed in</h1>") != std::string::npos);
  CHECK(stage.shown == 1);
}

TEST_CASE("only GET of the right path with the right host is let in") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  const std::string number = std::to_string(port);
  const std::string local = "Host: localhost:" + number + "\r\n";
  const std::string target = "/callback?" + std::string(kGood);
  struct Row {
    std::string line;
    std::string fields;
    std::string status;
  };
  const std::string next = std::to_string(port + 1);
  const Row rows[] = {
      {"GET " + target, "Host: evil.example:" + number + "\r\n", "400"},
      {"GET " + target, "Host: evil.example\r\n", "400"},
      {"GET " + target, "Host: localhost\r\n", "400"},
      {"GET " + target, "Host: localhost:" + next + "\r\n", "400"},
      {"GET " + target, "Host: 127.0.0.1\r\n", "400"},
      {"GET " + target, "Host: 127.0.0.1.evil.example:" + number + "\r\n", "400"},
      {"GET " + target, "Host: [::1]:" + number + "\r\n", "400"},
      {"GET " + target, "Host: \r\n", "400"},
      {"GET " + target, "", "400"},
      {"GET " + target, local + local, "400"},
      {"GET " + target, local + "Host: evil.example\r\n", "400"},
      {"GET " + target, "Host: evil.example\r\n" + local, "400"},
      {"HEAD " + target, local, "405"},
      {"POST " + target, local, "405"},
      {"POST " + target, local + "Content-Length: 0\r\n", "405"},
      {"OPTIONS " + target, local + "Origin: https://evil.example\r\n", "405"},
      {"OPTIONS *", local, "405"},
      {"PUT " + target, local, "405"},
      {"DELETE " + target, local, "405"},
      {"TRACE " + target, local, "405"},
      {"get " + target, local, "405"},
      {"GET /", local, "404"},
      {"GET /done", local, "404"},
      {"GET /favicon.ico", local, "404"},
      {"GET /wait-for-auth", local, "404"},
      {"GET /callback/?" + std::string(kGood), local, "404"},
      {"GET //callback?" + std::string(kGood), local, "404"},
      {"GET /Callback?" + std::string(kGood), local, "404"},
      {"GET /callbac%6b?" + std::string(kGood), local, "404"},
      {"GET /callback%00?" + std::string(kGood), local, "404"},
      {"GET /a/../callback?" + std::string(kGood), local, "404"},
      {"GET http://localhost:" + number + target, local, "404"},
      {"GET http://evil.example" + target, local, "404"},
  };
  Strings replies;
  stage.play([&] {
    for (const Row& row : rows) {
      Client client(port);
      replies.push_back(
          client.send(row.line + " HTTP/1.1\r\n" + row.fields + "\r\n").send_end().read_all());
    }
  });
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(rows[i].line);
    CAPTURE(rows[i].fields);
    CHECK(status_of(replies[i]) == rows[i].status);
    CHECK(replies[i].find("Access-Control") == std::string::npos);
    CHECK(replies[i].find("evil") == std::string::npos);
  }
  CHECK(stage.visits == 0);
}

TEST_CASE("what is no HTTP/1.1 is not let in") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  const std::string host = "\r\nHost: localhost:" + std::to_string(port) + "\r\n\r\n";
  const std::string target = "GET /callback?" + std::string(kGood);
  const Strings openings = {
      target + "\r\n",
      target + "\r\n\r\n",
      target + host,
      target + " HTTP/0.9" + host,
      target + " HTTP/2.0" + host,
      target + " HTTP/1.1\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      std::string("\x16\x03\x01\x00\x05hello\r\n\r\n", 14),
      target + " HTTP/1.1\r\nHost : localhost:" + std::to_string(port) + "\r\n\r\n",
      target + " HTTP/1.1\r\n Host: localhost:" + std::to_string(port) + "\r\n\r\n",
      std::string(20'000, 'x'),
      "GET /" + std::string(9'000, 'x') + " HTTP/1.1" + host,
      target + " HTTP/1.1\r\nX: " + std::string(9'000, 'x') + host,
  };
  Strings replies;
  stage.play([&] {
    for (const std::string& opening : openings) {
      replies.push_back(Client(port).send(opening).send_end().read_all());
    }
  });
  for (std::size_t i = 0; i < openings.size(); ++i) {
    CAPTURE(openings[i].substr(0, 80));
    CHECK((status_of(replies[i]) == "none" || status_of(replies[i]).front() >= '4'));
  }
  CHECK(stage.visits == 0);
}

TEST_CASE("a large query passes") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  std::string reply;
  stage.play([&] {
    Client client(port);
    reply = client
                .send(request(port, "/callback?code=" + std::string(4'000, 'c'),
                              "Cookie: " + std::string(1'500, 'k') + "\r\n"))
                .read_reply();
  });
  CHECK(status_of(reply) == "400");
  CHECK(stage.visits == 1);
}

TEST_CASE("nothing of a request comes back in a page") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  stage.welcome = [](Callback::Visitor visitor) { visitor.show({ResultPage::Kind::failed, ""}); };
  Strings refusals, pages;
  stage.play([&] {
    for (const char* hostile :
         {"error_description=x", "error_description=<script>alert(1)</script>",
          "state=%3Cscript%3E", "code=\"'><img>", "", "error=access_denied&error_uri=//evil"}) {
      Client client(port);
      refusals.push_back(
          body_of(client.send(request(port, "/callback?" + std::string(hostile))).read_reply()));
      client
          .send(request(port, "/callback?" + std::string(kGood),
                        "Referer: " + std::string(hostile) + "\r\n"))
          .read_reply();
      pages.push_back(
          body_of(client.send(request(port, "/done?" + std::string(hostile))).read_reply()));
    }
  });
  for (const Strings& all : {refusals, pages}) {
    REQUIRE(all.size() == 6);
    CHECK(all.front().find("<h1>") != std::string::npos);
    CHECK(std::count(all.begin(), all.end(), all.front()) == 6);
  }
}

// Nothing under a sanitizer, which gives no memory back.
long resident_kib() {
#if defined(__SANITIZE_ADDRESS__)
  return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return 0;
#endif
#endif
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
  }
  return 0;
}

TEST_CASE("five thousand wrong callbacks do not end the wait") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  const long before = resident_kib();
  int refused = 0;
  std::string reply;
  stage.play([&] {
    for (int chunk = 0; chunk < 50; ++chunk) {
      Client client(port, chunk % 2 == 1 && has_ipv6());
      for (int i = 0; i < 100; ++i) {
        const char* wrong[] = {"", "code=evil&state=wrong", "error=access_denied",
                               "code=good&state="};
        const auto got =
            client.send(request(port, std::string("/callback?") + wrong[i % 4])).read_reply();
        if (status_of(got) == "400") ++refused;
      }
    }
    reply = Client(port).send(request(port, "/callback?" + std::string(kGood))).read_reply();
  });
  CHECK(refused == 5000);
  CHECK(status_of(reply) == "302");
  CHECK(stage.visits == 5001);
  CHECK(stage.good == 1);
  CHECK(resident_kib() - before < 10 * 1024);
}

TEST_CASE("slow clients give way to the browser") {
  for (const bool six : {false, true}) {
    if (six && !has_ipv6()) continue;
    Stage stage;
    const std::uint16_t port = listening(stage).port();
    std::string reply;
    std::size_t ended = 0;
    stage.play([&] {
      std::list<Client> slow;
      for (int i = 0; i < 17; ++i) slow.emplace_back(port, six).send("GET /callback?");
      Client browser(port, six);
      reply = browser.send(request(port, "/callback?" + std::string(kGood))).read_reply();
      ended = static_cast<std::size_t>(std::count_if(
          slow.begin(), slow.end(), [](const Client& one) { return one.is_ended(); }));
    });
    CHECK(status_of(reply) == "302");
    CHECK(ended >= (has_ipv6() ? 10 : 2));
  }
}

TEST_CASE("a visitor who is dropped hears of a failure, and the wait goes on") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  bool drop = true;
  stage.welcome = [&](Callback::Visitor visitor) {
    if (!std::exchange(drop, false)) visitor.show({ResultPage::Kind::signed_in, ""});
  };
  Strings statuses;
  stage.play([&] {
    Client client(port);
    for (const char* target : {"/callback?", "/done"}) {
      statuses.push_back(status_of(
          client.send(request(port, target + std::string(drop ? kGood : ""))).read_reply()));
    }
    for (const std::string& target : {"/callback?" + std::string(kGood), std::string("/done")}) {
      statuses.push_back(status_of(client.send(request(port, target)).read_reply()));
    }
  });
  CHECK(statuses == Strings{"500", "404", "302", "200"});
}

TEST_CASE("a visitor is answered once") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  stage.welcome = [&](Callback::Visitor visitor) {
    visitor.reject();
    visitor.show({ResultPage::Kind::signed_in, ""});
    visitor.reject();
  };
  Strings statuses;
  stage.play([&] {
    Client client(port);
    for (const std::string& target : {"/callback?" + std::string(kGood), std::string("/done")}) {
      statuses.push_back(status_of(client.send(request(port, target)).read_reply()));
    }
  });
  CHECK(statuses == Strings{"400", "404"});
}

TEST_CASE("the listener may go while visitors wait, and in the middle of a visit") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  stage.welcome = [&](Callback::Visitor visitor) {
    stage.kept.push_back(std::move(visitor));
    if (stage.kept.size() == 2) stage.callback.reset();
  };
  Strings replies;
  stage.play([&] {
    Client first(port), second(port);
    first.send(request(port, "/callback?" + std::string(kGood)));
    second.send(request(port, "/callback?" + std::string(kGood)));
    replies = {first.read_all(), second.read_all()};
  });
  CHECK(replies == Strings{"", ""});
  REQUIRE(stage.kept.size() == 2);
  stage.kept[0].show({ResultPage::Kind::signed_in, ""});
  stage.kept[1].reject();
}

TEST_CASE("while it listens nobody else can have the port") {
  Stage stage;
  const std::uint16_t port = listening(stage).port();
  for (const char* address : {"127.0.0.1", "::1", "0.0.0.0", "::"}) {
    CAPTURE(std::string(address));
    if (address[0] == ':' && !has_ipv6()) continue;
    CHECK_FALSE(ListenSocket::bind(address, port));
    CHECK_FALSE(ListenSocket::bind(address, port, true));
  }
}

// Ports of which other programs, or connections that have just ended, hold only half must not
// decide a test: on some port of many it works.
template <class Attempt>
bool on_some_port(const std::string& address, Attempt attempt) {
  for (int i = 0; i < 20; ++i) {
    auto probe = ListenSocket::bind(address, 0);
    REQUIRE(probe);
    const std::uint16_t port = probe->port();
    { const ListenSocket gone = *std::move(probe); }
    if (attempt(port)) return true;
  }
  return false;
}

TEST_CASE("a preferred port is taken if it is free on both addresses") {
  CHECK(on_some_port("127.0.0.1", [](std::uint16_t free) {
    Stage stage;
    return listening(stage, {"", free}).port() == free;
  }));
}

TEST_CASE("with a squatter on the preferred port another is taken") {
  for (const char* address : {"127.0.0.1", "::1", "0.0.0.0", "::"}) {
    CAPTURE(std::string(address));
    if (address[0] == ':' && !has_ipv6()) continue;
    const auto squatter = ListenSocket::bind(address, 0);
    REQUIRE(squatter);
    Stage stage;
    const std::uint16_t port = listening(stage, {"", squatter->port()}).port();
    CHECK(port != squatter->port());
    std::string reply;
    stage.play([&] { reply = Client(port).send(request(port, "/callback?x")).read_reply(); });
    CHECK(status_of(reply) == "400");
  }
}

TEST_CASE("with a squatter on a fixed port there is no listener") {
  struct Row {
    const char* squatter;
    const char* host;
    bool listens;
  };
  const Row rows[] = {{"127.0.0.1", "localhost", false}, {"::1", "localhost", false},
                      {"127.0.0.1", "127.0.0.1", false}, {"::1", "127.0.0.1", true},
                      {"::1", "[::1]", false},           {"127.0.0.1", "[::1]", true}};
  if (!has_ipv6()) return;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.squatter));
    CAPTURE(std::string(row.host));
    const bool listens = on_some_port(row.squatter, [&](std::uint16_t port) {
      const auto squatter = ListenSocket::bind(row.squatter, port);
      if (!squatter) return false;
      Stage stage;
      const auto listened =
          stage.listen({"http://" + std::string(row.host) + ':' + std::to_string(port) + "/x"});
      if (!listened) CHECK(listened.error().kind == base::Kind::unreachable);
      return listened.has_value();
    });
    CHECK(listens == row.listens);
  }
}

TEST_CASE("the user's redirect URI is listened on as it is written") {
  for (const std::string host : {"localhost", "127.0.0.1", "[::1]", "LocalHost"}) {
    CAPTURE(host);
    if (host == "[::1]" && !has_ipv6()) continue;
    Stage stage;
    std::uint16_t port = 0;
    std::string place;
    REQUIRE(on_some_port(host == "[::1]" ? "::1" : "127.0.0.1", [&](std::uint16_t free) {
      port = free;
      place = host + ':' + std::to_string(port);
      return stage.listen({"http://" + place + "/done"}).has_value();
    }));
    CHECK(stage.callback->redirect_uri() == "http://" + place + "/done");
    std::string sent_on, page;
    const std::string host_field =
        host == "LocalHost" ? "localhost:" + std::to_string(port) : place;
    stage.play([&] {
      Client client(port, host == "[::1]");
      const std::string end = " HTTP/1.1\r\nHost: " + host_field + "\r\n\r\n";
      sent_on = client.send("GET /done?" + std::string(kGood) + end).read_reply();
      page = client.send("GET /done/page" + end).read_reply();
    });
    CHECK(sent_on.find("\r\nLocation: /done/page\r\n") != std::string::npos);
    CHECK(status_of(page) == "200");
    CHECK(stage.shown == 1);
  }
}

TEST_CASE("a redirect URI elsewhere is a mistake of the user's") {
  Stage stage;
  for (const char* uri : {"https://localhost:8080/callback", "http://example.com:8080/callback"}) {
    const auto listens = stage.listen({uri});
    REQUIRE_FALSE(listens);
    CHECK(listens.error().kind == base::Kind::usage);
  }
}

}  // namespace
}  // namespace dogpipe::auth
