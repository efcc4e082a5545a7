#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor_posix.h"
#include "base/file.h"

namespace dogpipe::base {
Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
  // O_NONBLOCK: a FIFO under the name must not make us wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) return failed(path);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return failed(path);
  if (!S_ISREG(info.st_mode)) return Error{Kind::file, path + ": not a regular file"};
  std::string text;
  char chunk[16384];
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
    if (text.size() > limit_bytes) return Error{Kind::too_large, path + ": too large"};
  }
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace dogpipe::base
