// Readiness of a descriptor that somebody else owns.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"

struct uv_poll_s;

namespace dogpipe::event {

class UvLoop;

// What a descriptor can be ready for; the values of libuv.
inline constexpr unsigned kReadable = 1;
inline constexpr unsigned kWritable = 2;

// Owning is watching. The descriptor must outlive the Poll (epoll forgets a closed one, libuv does
// not). The function may destroy the Poll.
class Poll {
 public:
  using OnReady = std::function<void(unsigned ready, bool failed)>;

  // Errors: Kind::file where the descriptor cannot be watched (a regular file, for example).
  static base::Result<std::unique_ptr<Poll>> make(UvLoop& loop, int fd, OnReady on_ready);

  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  // What to report from now on; 0 watches nothing and keeps the registration.
  void watch(unsigned ready);

 private:
  struct CloseHandle {
    void operator()(uv_poll_s* handle) const noexcept;
  };

  Poll() = default;

  std::unique_ptr<uv_poll_s, CloseHandle> handle_;
  OnReady on_ready_;
  unsigned watched_ = 0;
};

}  // namespace dogpipe::event
