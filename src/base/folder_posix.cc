#include "base/folder_posix.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/lock_posix.h"

namespace dogpipe::base {
namespace {

#ifdef __APPLE__
timespec changed(const struct stat& info) { return info.st_ctimespec; }
#else
timespec changed(const struct stat& info) { return info.st_ctim; }
#endif

class PosixDraft final : public DraftFile {
 public:
  PosixDraft(SharedFolder folder, std::string name, Descriptor file)
      : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {}
  ~PosixDraft() override {
    if (!published_) ::unlinkat(folder_->get(), name_.c_str(), 0);
  }

  bool in_place() const override {
    struct stat ours = {};
    struct stat there = {};
    return ::fstat(file_.get(), &ours) == 0 && ::lstat(path().c_str(), &there) == 0 &&
           same_file(ours, there);
  }

  Result<void> write(std::string_view bytes) override {
    if (auto written = write_whole(file_.get(), bytes, path()); !written) return written;
    if (bytes.size() < size_) {
      if (auto cut = cut_to(file_.get(), bytes.size(), path()); !cut) return cut;
    }
    size_ = bytes.size();
    return sync_file(file_.get(), path());
  }

  Result<void> publish(const std::string& name) override {
    if (::renameat(folder_->get(), name_.c_str(), folder_->get(), name.c_str()) != 0) {
      return failed(folder_->path_of(name));
    }
    published_ = true;
    return sync_folder(*folder_);
  }

 private:
  std::string path() const { return folder_->path_of(name_); }

  SharedFolder folder_;
  std::string name_;
  Descriptor file_;
  std::size_t size_ = 0;
  bool published_ = false;
};

class PosixFolder final : public Folder {
 public:
  explicit PosixFolder(OpenFolder folder)
      : folder_(std::make_shared<const OpenFolder>(std::move(folder))) {}

  Result<std::optional<std::string>> read(const std::string& name,
                                          std::size_t limit_bytes) override {
    const auto file = open_private(*folder_, name, O_RDONLY);
    if (!file) return file.error();
    if (!*file) return std::optional<std::string>();
    auto text = read_whole(file->get(), limit_bytes, folder_->path_of(name));
    if (!text) return text.error();
    return std::optional<std::string>(std::move(*text));
  }

  FileStamp stamp(const std::string& name) override {
    struct stat info = {};
    if (::fstatat(folder_->get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return {};
    const timespec time = changed(info);
    return {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
            static_cast<std::uint64_t>(info.st_size),
            std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec};
  }

  Result<std::unique_ptr<DraftFile>> draft(const std::string& prefix,
                                           std::size_t room_bytes) override {
    std::string name = prefix;
    auto file = create_private(*folder_, name);
    if (!file) return file.error();
    std::unique_ptr<DraftFile> draft =
        std::make_unique<PosixDraft>(folder_, std::move(name), std::move(*file));
    if (room_bytes == 0) return draft;
    if (auto written = draft->write(std::string(room_bytes, '\0')); !written) {
      return written.error();
    }
    return draft;
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::renameat(folder_->get(), from.c_str(), folder_->get(), to.c_str()) != 0) {
      return failed(folder_->path_of(from));
    }
    return {};
  }

  Result<void> remove(const std::string& name) override {
    if (::unlinkat(folder_->get(), name.c_str(), 0) != 0) return failed(folder_->path_of(name));
    return {};
  }

  Result<std::vector<Entry>> list(const std::string& prefix) override;

  Result<std::unique_ptr<FileLock>> try_lock(const std::string& name) override {
    return base::try_lock(folder_, name);
  }
  std::optional<std::string> note_of(const std::string& name) override {
    return note_of_lock(*folder_, name);
  }

 private:
  SharedFolder folder_;
};

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::optional<Folder::Entry> own_file(int folder, const char* name) {
  struct stat info = {};
  if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid()) return std::nullopt;
  return Folder::Entry{name, WallTime(std::chrono::seconds(info.st_mtime))};
}

Result<std::vector<Folder::Entry>> PosixFolder::list(const std::string& prefix) {
  // A descriptor of its own: reading moves its position, and closing the DIR closes it.
  Descriptor own(::openat(folder_->get(), ".", kOpenFolder));
  const std::unique_ptr<DIR, CloseFolder> stream(own ? ::fdopendir(own.get()) : nullptr);
  if (!stream) return failed(folder_->path);
  const int descriptor = own.release();
  std::vector<Entry> found;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (std::string_view(entry->d_name).substr(0, prefix.size()) != prefix) continue;
    if (auto file = own_file(descriptor, entry->d_name)) found.push_back(std::move(*file));
  }
  std::sort(found.begin(), found.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return found;
}

}  // namespace

std::unique_ptr<Folder> folder_of(OpenFolder folder) {
  return std::make_unique<PosixFolder>(std::move(folder));
}

}  // namespace dogpipe::base
