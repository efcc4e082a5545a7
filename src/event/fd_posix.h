// What Input and FdOutput share on POSIX systems.
#pragma once

#include <fcntl.h>
#include <uv.h>

namespace dogpipe::event {

// A regular file, or a device such as the null device: always ready, and not to be polled.
inline bool always_ready(int fd) { return uv_guess_handle(fd) == UV_FILE; }

// O_NONBLOCK for the lifetime of the object.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), flags_(::fcntl(fd, F_GETFL)) {
    if (changes()) ::fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;
  ~NonBlocking() {
    if (changes()) ::fcntl(fd_, F_SETFL, flags_);
  }

 private:
  bool changes() const { return flags_ >= 0 && (flags_ & O_NONBLOCK) == 0; }

  int fd_;
  int flags_;
};

}  // namespace dogpipe::event
