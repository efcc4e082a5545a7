// TLS, with and without a proxy in between: who is trusted, and what has left when nobody is.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "server.h"
#include "talk.h"

namespace dogpipe::http {
namespace {

using Connection = Server::Connection;

// A file for the lifetime of the object.
class PemFile {
 public:
  explicit PemFile(const std::string& text) {
    path_ = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    std::ofstream(path_) << text;
  }
  ~PemFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Network trusting(const std::string& path) {
  Network network = Talk::plain();
  network.trust.bundle = path;
  return network;
}

Server::Handler over_tls(const Certificate& certificate) {
  return [&certificate](Connection& connection, int) {
    if (!connection.start_tls(certificate)) return;
    while (!connection.read_request().empty()) connection.respond("x");
  };
}

// A proxy that tunnels, and the server behind the tunnel.
Server::Handler through_tunnel(const Certificate& certificate) {
  return [&certificate](Connection& connection, int) {
    connection.read_request();
    connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
    if (!connection.start_tls(certificate)) return;
    while (!connection.read_request().empty()) connection.respond("x");
  };
}

std::string url_of(const Server& server) {
  return "https://127.0.0.1:" + std::to_string(server.port()) + "/mcp";
}

TEST_CASE("a server whose authority is trusted is talked to") {
  const Certificate certificate = Certificate::make(10);
  const PemFile file(certificate.certificate);
  Server server(over_tls(certificate));
  Talk talk(trusting(file.path()));
  talk.post(url_of(server));
  CHECK(talk.run() == "200 ok");
  CHECK(server.requests().size() == 1);
  talk.transfer.reset();
}

TEST_CASE("an authority may be added to the others, and joined with a bundle") {
  const Certificate certificate = Certificate::make(10);
  const PemFile file(certificate.certificate);
  const PemFile other(Certificate::make(10).certificate);
  for (const Trust& trust : {Trust{"", "/", file.path()}, Trust{other.path(), "", file.path()}}) {
    Server server(over_tls(certificate));
    Network network = Talk::plain();
    network.trust = trust;
    Talk talk(network);
    talk.post(url_of(server));
    CHECK(talk.run() == "200 ok");
  }
}

TEST_CASE(
    "a server that is not trusted gets no request, and its certificate is described, cleaned") {
  const Certificate certificate = Certificate::make(10);
  const PemFile other(Certificate::make(10).certificate);
  Server server(over_tls(certificate));
  Talk talk(trusting(other.path()));
  talk.post(url_of(server));
  CHECK(talk.run() == "0 untrusted");
  CHECK_FALSE(talk.seen.end.body_left);
  const std::string what = talk.seen.end.error->what;
  CHECK(what.find("--ca-cert") != std::string::npos);
  CAPTURE(what);
  CHECK(what.find("Kennel") != std::string::npos);
  CHECK(what.find('\x1b') == std::string::npos);
  CHECK(server.requests().empty());
}

TEST_CASE("an expired certificate, and one for another host, are named as that") {
  const Certificate expired = Certificate::make(-10);
  const PemFile expired_file(expired.certificate);
  {
    Server server(over_tls(expired));
    Talk talk(trusting(expired_file.path()));
    talk.post(url_of(server));
    CHECK(talk.run() == "0 untrusted");
    CHECK(talk.seen.end.error->what.find("expired") != std::string::npos);
  }
  const Certificate certificate = Certificate::make(10);
  const PemFile file(certificate.certificate);
  Server server(over_tls(certificate));
  Talk talk(trusting(file.path()));
  talk.post("https://localhost:" + std::to_string(server.port()) + "/");
  CHECK(talk.run() == "0 untrusted");
  CHECK(talk.seen.end.error->what.find("host") != std::string::npos);
  CHECK(server.requests().empty());
}

TEST_CASE("a transfer that is dropped while its server's certificate is read about is gone") {
  const Certificate certificate = Certificate::make(10);
  const PemFile other(Certificate::make(10).certificate);
  Talk talk(trusting(other.path()));
  int connections = 0;
  Server server([&](Connection& connection, int number) {
    if (number == 2) connections = number;
    connection.start_tls(certificate);
    connection.wait_for_close();
  });
  talk.post(url_of(server));
  for (int i = 0; i < 1000 && talk.transfer; ++i) {
    talk.linger(std::chrono::milliseconds(1));
    if (server.connections() == 2 || talk.seen.ends > 0) talk.transfer.reset();
  }
  talk.linger(std::chrono::milliseconds(20));
  CHECK(talk.seen.ends <= 1);
}

TEST_CASE("a server that speaks no TLS gets no request") {
  const PemFile file(Certificate::make(10).certificate);
  Server server([](Connection& connection, int) {
    connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.wait_for_close();
  });
  Talk talk(trusting(file.path()));
  talk.post(url_of(server));
  CHECK(talk.run() == "0 tls");
  CHECK_FALSE(talk.seen.end.body_left);
}

TEST_CASE("a request that may go only once goes through a proxy's tunnel, once") {
  const Certificate certificate = Certificate::make(10);
  const PemFile file(certificate.certificate);
  Server proxy(through_tunnel(certificate));
  Network network = trusting(file.path());
  network.proxy = base::Secret("http://user:SECRET@127.0.0.1:" + std::to_string(proxy.port()));
  Talk talk(network);
  for (int i = 0; i < 2; ++i) {
    talk.post("https://mcp.example/mcp", R"({"once":true})", false);
    CHECK(talk.run() == "200 ok");
  }
  const auto requests = proxy.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].substr(0, 8) == "CONNECT ");
  CHECK(requests[0].find("Proxy-Authorization: Basic ") != std::string::npos);
  CHECK(requests[0].find("X-Test") == std::string::npos);
  CHECK(requests[1].find("Proxy-Authorization") == std::string::npos);
  CHECK(requests[1].find("X-Test") != std::string::npos);
}

TEST_CASE("behind a tunnel, too, nothing has left before TLS is trusted") {
  const Certificate certificate = Certificate::make(10);
  const PemFile other(Certificate::make(10).certificate);
  Server proxy(through_tunnel(certificate));
  Network network = trusting(other.path());
  network.proxy = base::Secret("http://127.0.0.1:" + std::to_string(proxy.port()));
  Talk talk(network);
  talk.post("https://mcp.example/mcp", "{}", false);
  CHECK(talk.run() == "0 untrusted");
  CHECK_FALSE(talk.seen.end.body_left);
}

}  // namespace
}  // namespace dogpipe::http
