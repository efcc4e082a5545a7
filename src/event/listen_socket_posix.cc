#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "event/listen_socket.h"

namespace dogpipe::event {
namespace {

// An address and port as the system takes them.
class SocketName {
 public:
  SocketName(const std::string& address, std::uint16_t port) {
    v4_.sin_family = AF_INET;
    v6_.sin6_family = AF_INET6;
    v4_.sin_port = v6_.sin6_port = htons(port);
    six_ = ::inet_pton(AF_INET6, address.c_str(), &v6_.sin6_addr) == 1;
    valid_ = six_ || ::inet_pton(AF_INET, address.c_str(), &v4_.sin_addr) == 1;
  }
  bool valid() const { return valid_; }

  // A socket bound to it, or -1 and errno.
  int bound_socket(bool past_time_wait) {
    const int fd = ::socket(get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    const int yes = 1;
    if (six_) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (past_time_wait) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd, get(), size()) == 0) return fd;
    const int failure = errno;
    ::close(fd);
    errno = failure;
    return -1;
  }
  std::uint16_t port_of(int fd) {
    socklen_t length = size();
    ::getsockname(fd, get(), &length);
    return ntohs(six_ ? v6_.sin6_port : v4_.sin_port);
  }

 private:
  sockaddr* get() {
    return six_ ? reinterpret_cast<sockaddr*>(&v6_) : reinterpret_cast<sockaddr*>(&v4_);
  }
  socklen_t size() const { return six_ ? sizeof v6_ : sizeof v4_; }

  sockaddr_in v4_{};
  sockaddr_in6 v6_{};
  bool six_ = false;
  bool valid_ = false;
};

}  // namespace

base::Result<ListenSocket> ListenSocket::bind(const std::string& address, std::uint16_t port,
                                              bool past_time_wait) {
  const auto fault = [&](const char* what) {
    return base::Error{base::Kind::unreachable,
                       address + " port " + std::to_string(port) + ": " + what};
  };
  SocketName name(address, port);
  if (!name.valid()) return fault("no address");
  ListenSocket made(name.bound_socket(past_time_wait), port);
  if (made.fd_ < 0 || ::listen(made.fd_, 512) != 0) return fault(std::strerror(errno));
  made.port_ = name.port_of(made.fd_);
  return made;
}

bool ListenSocket::has(const std::string& address) {
  SocketName name(address, 0);
  if (!name.valid()) return false;
  const int fd = name.bound_socket(false);
  if (fd < 0) return errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT;
  ::close(fd);
  return true;
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dogpipe::event
