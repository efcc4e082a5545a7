#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "event/listen_socket.h"

namespace dogpipe::event {

base::Result<ListenSocket> ListenSocket::bind(const std::string& address, std::uint16_t port,
                                              bool past_time_wait) {
  const auto fault = [&](const char* what) {
    return base::Error{base::Kind::unreachable,
                       address + " port " + std::to_string(port) + ": " + what};
  };
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(port);
  const bool six = ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  if (!six && ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) != 1) return fault("no address");
  auto* name = six ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  socklen_t size = six ? sizeof v6 : sizeof v4;

  ListenSocket made(::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), port);
  if (made.fd_ < 0) return fault(std::strerror(errno));
  const int yes = 1;
  if (six) ::setsockopt(made.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (past_time_wait) ::setsockopt(made.fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(made.fd_, name, size) != 0) return fault(std::strerror(errno));
  if (::listen(made.fd_, 512) != 0) return fault(std::strerror(errno));
  ::getsockname(made.fd_, name, &size);
  made.port_ = ntohs(six ? v6.sin6_port : v4.sin_port);
  return made;
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dogpipe::event
