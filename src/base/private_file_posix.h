// Files that are ours alone, by a descriptor of their folder. For the files of this room.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor_posix.h"
#include "base/files.h"
#include "base/result.h"

namespace dogpipe::base {

// A folder that has been found safe. The path is for messages.
struct OpenFolder {
  Descriptor descriptor;
  std::string path;

  int get() const { return descriptor.get(); }
  std::string path_of(const std::string& name) const { return path + "/" + name; }
};
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
using SharedFolder = std::shared_ptr<const OpenFolder>;

Error untrusted(const std::string& path, std::string_view why);
bool same_file(const struct stat& a, const struct stat& b);

// Never follows a link and never waits. With O_CREAT for us alone. Checks what it has opened: a
// regular file of ours, with no second name, closed to others. No descriptor: there is none.
Result<Descriptor> open_private(const OpenFolder& folder, const std::string& name, int flags);
// With O_EXCL under `prefix` and a random end, which is added to `name`.
Result<Descriptor> create_private(const OpenFolder& folder, std::string& name);

Result<std::string> read_whole(int fd, std::size_t limit_bytes, const std::string& path);
Result<void> write_whole(int fd, std::string_view bytes, const std::string& path);
Result<void> cut_to(int fd, std::size_t size, const std::string& path);
Result<void> sync_file(int fd, const std::string& path);
// Some file systems cannot do it for a folder, and then there is nothing to be done.
Result<void> sync_folder(const OpenFolder& folder);

}  // namespace dogpipe::base
