// File descriptors on POSIX systems, for the files of this room alone.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace dogpipe::base {

// -1 is "none" for descriptors, so a unique_ptr's null test does not serve.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

inline Error failed(const std::string& path, int code = errno) {
  return Error{Kind::file, path + ": " + std::generic_category().message(code)};
}

// The outcome of a system call that a signal may interrupt.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto outcome = call();
    if (outcome >= 0 || errno != EINTR) return outcome;
  }
}

}  // namespace dogpipe::base
