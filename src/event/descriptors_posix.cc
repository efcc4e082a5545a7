#include "event/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace dogpipe::event {
namespace {

constexpr int kFirst = 3;

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

// By the kernel at once: Linux 5.11.
bool mark_range() {
#ifdef SYS_close_range
  constexpr unsigned kCloexec = 1u << 2;  // CLOSE_RANGE_CLOEXEC, which older headers lack
  return ::syscall(SYS_close_range, unsigned{kFirst}, ~0u, kCloexec) == 0;
#else
  return false;
#endif
}

void mark_each() {
  std::unique_ptr<DIR, CloseDirectory> open(::opendir("/proc/self/fd"));
  if (!open) open.reset(::opendir("/dev/fd"));
  if (!open) return;
  while (const dirent* entry = ::readdir(open.get())) {
    int fd = -1;
    std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), fd);
    if (fd >= kFirst) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

}  // namespace

void keep_descriptors_private() {
  if (!mark_range()) mark_each();
}

}  // namespace dogpipe::event
