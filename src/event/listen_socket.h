// A bound and listening TCP socket, for a server to come.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace dogpipe::event {

class ListenSocket {
 public:
  // `address` is "127.0.0.1" or "::1"; port 0 takes any. Nobody can share the port: no
  // SO_REUSEPORT, and SO_REUSEADDR (past TIME_WAIT) only when asked for.
  // Errors: Kind::unreachable.
  static base::Result<ListenSocket> bind(const std::string& address, std::uint16_t port,
                                         bool past_time_wait = false);

  // Whether the machine has the address at all: not where IPv6 is switched off or not built in.
  static bool has(const std::string& address);

  ListenSocket(ListenSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();

  std::uint16_t port() const { return port_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  ListenSocket(int fd, std::uint16_t port) : fd_(fd), port_(port) {}

  int fd_;
  std::uint16_t port_;
};

}  // namespace dogpipe::event
