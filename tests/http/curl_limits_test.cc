// What the client does not put up with: silence, floods, other protocols, proxies that refuse.
#include <doctest/doctest.h>

#include "server.h"
#include "talk.h"

namespace dogpipe::http {
namespace {

using namespace std::chrono_literals;
using Connection = Server::Connection;

Server::Handler sends(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& connection, int) {
    connection.read_request();
    connection.send(bytes);
    connection.wait_for_close();
  };
}

// The bytes of a hexadecimal text.
std::string unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::string packed_response(std::string_view encoding, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + std::string(encoding) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_CASE("silence ends by the limit that applies, and the request may have arrived") {
  const struct {
    std::string_view sent;
    Patience patience;
    std::string_view outcome;
  } rows[] = {
      {"", {50ms, 0ms, 0ms, 0ms}, "0 timed out, left"},
      {"", {0ms, 0ms, 50ms, 0ms}, "0 timed out, left"},
      {"HTTP/1.1 103 Early Hints\r\n\r\n", {50ms, 0ms, 0ms, 0ms}, "0 timed out, left"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
       {0ms, 50ms, 0ms, 0ms},
       "200 timed out, left"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
       {0ms, 0ms, 50ms, 0ms},
       "200 timed out, left"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nx",
       {0ms, 0ms, 0ms, 50ms},
       "200 timed out, left"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.sent));
    Server server(sends(std::string(row.sent)));
    Talk talk;
    talk.post(server.url(), "{}", false, row.patience);
    CHECK(talk.run() == row.outcome);
    CHECK(talk.seen.ends == 1);
    talk.transfer.reset();
    talk.linger(1ms);
  }
}

TEST_CASE("an event stream may be silent and long where no limit is set for it") {
  Server server([](Connection& connection, int) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    std::this_thread::sleep_for(120ms);  // longer than the limits that must not apply
    connection.send("x");
  });
  Talk talk;
  talk.post(server.url(), "{}", false, {5000ms, 30ms, 60ms, 0ms});
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.body == "x");
}

TEST_CASE("a client goes on after a limit has passed") {
  Server server([](Connection& connection, int number) {
    connection.read_request();
    if (number > 1) connection.respond("x");
    connection.wait_for_close();
  });
  Talk talk;
  talk.post(server.url(), "{}", false, {50ms, 0ms, 0ms, 0ms});
  CHECK(talk.run() == "0 timed out, left");
  talk.post(server.url(), "{}", false, {10'000ms, 0ms, 0ms, 0ms});
  CHECK(talk.run() == "200 ok");
}

TEST_CASE("a response header of more than 64 KiB is refused, in one line or many") {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 2000; ++i)
    many += "X-Filler-" + std::to_string(i) + ": 0123456789012345678\r\n";
  for (const std::string& head :
       {many + "\r\n", "HTTP/1.1 200 OK\r\nX: " + std::string(80'000, 'x') + "\r\n\r\n"}) {
    Server server(sends(head));
    Talk talk;
    talk.post(server.url());
    CHECK(talk.run() == "0 too large, left");
    CHECK(talk.seen.heads == 0);
  }
}

TEST_CASE("one header line of 1 MiB is refused") {
  Server server(sends("HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n"));
  Talk talk;
  talk.post(server.url());
  const std::string outcome = talk.run();
  CHECK((outcome == "0 too large, left" || outcome == "0 malformed, left"));
}

TEST_CASE("a packed response is unpacked") {
  Server server(sends(packed_response(
      "gzip", unhex("1f8b0800000000000203ab562a484cce4e4d51b22a292a4dad050089e0b5dc0f000000"))));
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  CHECK(talk.seen.body == R"({"packed":true})");
}

TEST_CASE("a response that unpacks to far more than was sent is refused") {
  // 24 MiB of zeros, packed twice.
  Server server(sends(packed_response(
      "gzip, gzip",
      unhex("1f8b0800000000000203eddc216e02411886e1599626a4028aa882049a70073024d4606a2a8a261c00c109"
            "d88454d570038e80ea01ead01842550fd05420504db7ec9e003d791e35fa936ffe4ce7ad160a95f4fb2349"
            "2e8f6cfdb7fda9dd060000002072d9719516312074f3c3f87902000000c46ed6a857cb28f03b6d3d9a0300"
            "0000a2f73a1cdc951702a7e5bc6a0e00000088defdf96b54b6805dfede7cb10700000044ef7395568a16f0"
            "904ffb3d1f28000000c055da378bcdfe29842cf9074666a8b2a25f0000"))));
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 too large, left");
  CHECK(talk.seen.body.size() < (12u << 20));
}

TEST_CASE("what is no HTTP is malformed") {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 banana\r\n\r\n"}) {
    CAPTURE(std::string(bytes));
    Server server([&](Connection& connection, int) {
      connection.read_request();
      connection.send(bytes);
    });
    Talk talk;
    talk.post(server.url());
    CHECK(talk.run() == "0 malformed, left");
  }
}

TEST_CASE("plain http is refused unless it is allowed") {
  Server server(sends(""));
  Network network = Talk::plain();
  network.allow_http = false;
  Talk talk(network);
  talk.post(server.url());
  CHECK(talk.run() == "0 usage");
  CHECK(server.connections() == 0);
}

TEST_CASE("a request that is dropped before it began has not left, also on a used handle") {
  Server server([](Connection& connection, int) {
    while (!connection.read_request().empty()) connection.respond("x");
  });
  Talk talk;
  talk.post(server.url());
  CHECK(talk.run() == "200 ok");
  CHECK(talk.transfer->body_left());
  talk.transfer.reset();
  talk.linger(1ms);
  talk.post(server.url());
  CHECK_FALSE(talk.transfer->body_left());
}

TEST_CASE("a proxy that refuses is named without its credentials, and nothing has left") {
  for (const int status : {407, 403, 502}) {
    CAPTURE(status);
    Server proxy([&](Connection& connection, int) {
      connection.read_request();
      connection.send("HTTP/1.1 " + std::to_string(status) +
                      " No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n"
                      "Connection: close\r\n\r\n");
    });
    Network network = Talk::plain();
    network.proxy = base::Secret("http://user:SECRET@127.0.0.1:" + std::to_string(proxy.port()));
    Talk talk(network);
    talk.post("https://mcp.example/");
    CHECK(talk.run() == "0 forbidden");
    CHECK_FALSE(talk.seen.end.body_left);
    const std::string what = talk.seen.end.error->what;
    CHECK(what.find("SECRET") == std::string::npos);
    CHECK(what.find("127.0.0.1") != std::string::npos);
    CHECK(what.find(std::to_string(status)) != std::string::npos);
    for (const std::string& request : proxy.requests()) {
      CHECK(request.substr(0, 8) == "CONNECT ");
      CHECK(request.find("X-Test") == std::string::npos);
    }
  }
}

TEST_CASE("a proxy that is not there is named") {
  Network network = Talk::plain();
  network.proxy = base::Secret("http://u:SECRET@127.0.0.1:" + std::to_string(unused_port()));
  Talk talk(network);
  talk.post("https://mcp.example/");
  CHECK(talk.run() == "0 proxy");
  CHECK(talk.seen.end.error->what.find("SECRET") == std::string::npos);
}

TEST_CASE("authorities that cannot be read are every request's failure") {
  Network network = Talk::plain();
  network.trust.extra = "/nonexistent/ca.pem";
  Talk talk(network);
  for (int i = 0; i < 2; ++i) {
    talk.post("https://mcp.example/");
    CHECK(talk.run() == "0 untrusted");
    CHECK(talk.seen.ends == i + 1);
  }
}

}  // namespace
}  // namespace dogpipe::http
