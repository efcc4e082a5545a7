#include "base/private_file_posix.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdint>
#ifdef __APPLE__
#include <sys/random.h>
#endif

namespace dogpipe::base {
namespace {

constexpr int kCareful = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

Result<void> check(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode)) return untrusted(path, "not a regular file; move it away");
  if (info.st_uid != ::geteuid()) {
    return untrusted(
        path, fmt::format("belongs to user {}, not to {}; move it away", info.st_uid, ::geteuid()));
  }
  if ((info.st_mode & kOthers) != 0) {
    return untrusted(path, fmt::format("open to other users (mode {:04o}); run: chmod 600 {}",
                                       info.st_mode & 07777u, path));
  }
  if (info.st_nlink > 1) {
    return untrusted(path, fmt::format("has {} names (hard links); move it away", info.st_nlink));
  }
  return {};
}

Error cannot_open(const std::string& path) {
  if (errno == ELOOP) return untrusted(path, "a symbolic link; remove it");
  if (errno == ENXIO || errno == EISDIR) {
    return untrusted(path, "not a regular file; move it away");
  }
  return failed(path);
}

Result<std::string> random_end() {
  std::uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) return failed("random numbers");
  return fmt::format("{:016x}", number);
}

}  // namespace

Error untrusted(const std::string& path, std::string_view why) {
  return Error{Kind::untrusted, fmt::format("{}: {}", path, why)};
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

Result<Descriptor> open_private(const OpenFolder& folder, const std::string& name, int flags) {
  const std::string path = folder.path_of(name);
  Descriptor file(uninterrupted(
      [&] { return ::openat(folder.get(), name.c_str(), flags | kCareful, S_IRUSR | S_IWUSR); }));
  if (!file && errno == ENOENT) return file;
  if (!file) return cannot_open(path);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return failed(path);
  if (auto checked = check(info, path); !checked) return checked.error();
  return file;
}

Result<Descriptor> create_private(const OpenFolder& folder, std::string& name) {
  auto end = random_end();
  if (!end) return end.error();
  name += *end;
  Descriptor file(uninterrupted([&] {
    return ::openat(folder.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | kCareful,
                    S_IRUSR | S_IWUSR);
  }));
  if (!file) return failed(folder.path_of(name));
  return file;
}

Result<std::string> read_whole(int fd, std::size_t limit_bytes, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return failed(path);
  const Error too_large{Kind::too_large, path + ": too large"};
  if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > limit_bytes) return too_large;
  // Filled in place: a string that grows leaves copies of secrets behind.
  std::string text(static_cast<std::size_t>(info.st_size) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got =
        uninterrupted([&] { return ::read(fd, text.data() + size, text.size() - size); });
    if (got < 0) return failed(path);
    size += static_cast<std::size_t>(got);
    if (size > limit_bytes) return too_large;
    if (got == 0) break;
    if (size == text.size()) text.resize(size + 4096);  // it has grown since
  }
  text.resize(size);
  return text;
}

Result<void> write_whole(int fd, std::string_view bytes, const std::string& path) {
  off_t at = 0;
  while (!bytes.empty()) {
    const ssize_t put = uninterrupted([&] { return ::pwrite(fd, bytes.data(), bytes.size(), at); });
    if (put < 0) return failed(path);
    if (put == 0) return failed(path, EIO);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    at += put;
  }
  return {};
}

Result<void> cut_to(int fd, std::size_t size, const std::string& path) {
  if (uninterrupted([&] { return ::ftruncate(fd, static_cast<off_t>(size)); }) != 0) {
    return failed(path);
  }
  return {};
}

Result<void> sync_file(int fd, const std::string& path) {
#ifdef F_FULLFSYNC
  if (::fcntl(fd, F_FULLFSYNC) == 0) return {};  // macOS: fsync() stops at the drive's cache
#endif
  if (uninterrupted([&] { return ::fsync(fd); }) != 0) return failed(path);
  return {};
}

Result<void> sync_folder(const OpenFolder& folder) {
  if (uninterrupted([&] { return ::fsync(folder.get()); }) == 0 || errno == EINVAL) return {};
  return failed(folder.path);
}

}  // namespace dogpipe::base
