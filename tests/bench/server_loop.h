#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <queue>
#include <unordered_map>
#include <vector>

#include "server_mcp.h"
#include "server_protocol.h"
#include "server_wire.h"

namespace bench {

// One thread, one epoll: accepts, reads, answers, and answers later where asked to.
class ServerLoop {
 public:
  // `context` may be null (then only plain connections come) and must outlive the loop.
  ServerLoop(McpServer& mcp, SSL_CTX* context);
  ~ServerLoop();
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;

  // Returns the port on 127.0.0.1, 0 on failure.
  std::uint16_t listen(bool tls);
  // Until standard input ends: so the server never outlives the one who started it.
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  // The protocol is chosen when the first bytes are there: under TLS not before the handshake.
  struct Connection {
    std::unique_ptr<Wire> wire;
    std::unique_ptr<Protocol> protocol;
    bool watches_output = false;
  };
  struct Due {
    Clock::time_point at;
    std::uint64_t connection;
    std::uint32_t stream;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  // Tags stand for connections instead of pointers or descriptors: an answer that comes due, or an
  // event of the same turn, must not reach whoever got a closed connection's number.
  void watch(int fd, std::uint64_t tag);
  void accept_all(int listener, bool tls);
  void serve(std::uint64_t tag);
  bool read_and_write(std::uint64_t tag, Connection& connection);
  bool flush(std::uint64_t tag, Connection& connection);
  void run_due();
  int milliseconds_to_wait() const;

  McpServer& mcp_;
  SSL_CTX* context_;
  int epoll_;
  int plain_listener_ = -1;
  int tls_listener_ = -1;
  std::uint64_t next_tag_;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<char> room_;
};

}  // namespace bench
