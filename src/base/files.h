// Small private files in a folder that only we may write: the disk as far as secrets need it. A
// seam: tests bring disks of their own.
//
// Errors everywhere: Kind::untrusted for what others can write or read, what is not ours, or what
// is a link, the text saying what and how to repair it; Kind::file for all that the system refuses.
// What fails has changed nothing, unless it says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dogpipe::base {

using WallTime = std::chrono::system_clock::time_point;

// Differs when the file may have changed; all zero when there is none.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

// A lock that ends with the object or the process, however that ends.
class FileLock {
 public:
  static constexpr std::size_t kLongestNoteBytes = 16u << 10;

  virtual ~FileLock() = default;
  // For those who find the lock held; gone with it. Errors: Kind::too_large.
  virtual Result<void> note(std::string_view text) = 0;
};

// A file that has no meaning yet, under a random name. Gone with the object, unless published.
class DraftFile {
 public:
  virtual ~DraftFile() = default;
  // False when somebody has removed it, or moved its folder away.
  virtual bool in_place() const = 0;
  // Makes this the whole content; it is on the disk when this returns. Keeps the room taken.
  virtual Result<void> write(std::string_view bytes) = 0;
  // Gives it its name in the folder, in the place of what had it; the name, too, is on the disk
  // when this returns. After an error from the very end others may see the new file all the same.
  virtual Result<void> publish(const std::string& name) = 0;
};

// Names are those of files right in it. Independent of what created it.
class Folder {
 public:
  struct Entry {
    std::string name;
    WallTime written;
  };

  virtual ~Folder() = default;

  // None: there is no such file. Errors: also Kind::too_large.
  virtual Result<std::optional<std::string>> read(const std::string& name,
                                                  std::size_t limit_bytes) = 0;
  virtual FileStamp stamp(const std::string& name) = 0;
  // A name with this prefix; `room_bytes` are taken from the disk for sure.
  virtual Result<std::unique_ptr<DraftFile>> draft(const std::string& prefix,
                                                   std::size_t room_bytes) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& name) = 0;
  // Our own regular files with this prefix, in order of their names.
  virtual Result<std::vector<Entry>> list(const std::string& prefix) = 0;
  // Null while somebody else holds it, in this process or another. Never waits. The file of that
  // name stays for good: who removes a lock file breaks the lock.
  virtual Result<std::unique_ptr<FileLock>> try_lock(const std::string& name) = 0;
  // None unless somebody holds that lock now; empty while they have left no note.
  virtual std::optional<std::string> note_of(const std::string& name) = 0;
};

class Files {
 public:
  enum class Missing : std::uint8_t { accept, create };

  virtual ~Files() = default;
  // With Missing::accept null when there is none; created for us alone otherwise.
  virtual Result<std::unique_ptr<Folder>> open(const std::string& path, Missing missing) = 0;
  virtual WallTime now() = 0;
  virtual void pause(std::chrono::milliseconds time) = 0;
};

class PosixFiles final : public Files {
 public:
  // A folder's parents are checked up to `home`, or to the root where it is not below that: like
  // OpenSSH's StrictModes, since what is above a home is its machine's business.
  explicit PosixFiles(std::string home = {}) : home_(std::move(home)) {}

  Result<std::unique_ptr<Folder>> open(const std::string& path, Missing missing) override;
  WallTime now() override { return std::chrono::system_clock::now(); }
  void pause(std::chrono::milliseconds time) override;

 private:
  std::string home_;
};

}  // namespace dogpipe::base
