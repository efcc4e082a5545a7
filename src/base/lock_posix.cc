#include "base/lock_posix.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/claim_posix.h"

namespace dogpipe::base {
namespace {

constexpr std::string_view kClaimed = ".claim";
constexpr std::size_t kLongestFrameBytes = FileLock::kLongestNoteBytes + 32;

enum class Outcome : std::uint8_t { ours, held, unsupported, failed };

bool means_unsupported(int code) {
  return code == ENOLCK || code == EINVAL || code == ENOSYS || code == EOPNOTSUPP;
}

struct flock whole_file() {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

Outcome lock(int fd) {
  struct flock range = whole_file();
  if (uninterrupted([&] { return ::fcntl(fd, F_OFD_SETLK, &range); }) == 0) return Outcome::ours;
  if (errno == EAGAIN || errno == EACCES) return Outcome::held;
  return means_unsupported(errno) ? Outcome::unsupported : Outcome::failed;
}

// None: there are no locks here.
std::optional<bool> is_locked(int fd) {
  struct flock range = whole_file();
  if (uninterrupted([&] { return ::fcntl(fd, F_OFD_GETLK, &range); }) != 0) return std::nullopt;
  return range.l_type != F_UNLCK;
}

// The length in front tells a whole note from one that is just being written.
std::string frame(std::string_view note) { return fmt::format("{}\n{}", note.size(), note); }

std::optional<std::string> unframe(std::string_view text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end == text.data() + text.size() || *end != '\n') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  if (text.size() != size || text.empty()) return std::nullopt;
  return std::string(text);
}

class PosixLock final : public FileLock {
 public:
  PosixLock(Descriptor file, std::unique_ptr<Claim> claim, std::string path)
      : claim_(std::move(claim)), file_(std::move(file)), path_(std::move(path)) {}
  ~PosixLock() override {
    if (noted_) static_cast<void>(cut_to(file_.get(), 0, path_));
  }

  Result<void> note(std::string_view text) override {
    if (text.size() > kLongestNoteBytes) return Error{Kind::too_large, path_ + ": note too long"};
    if (auto cut = erase(); !cut) return cut;
    noted_ = true;
    return write_whole(file_.get(), frame(text), path_);
  }
  Result<void> erase() { return cut_to(file_.get(), 0, path_); }

 private:
  std::unique_ptr<Claim> claim_;
  Descriptor file_;
  std::string path_;
  bool noted_ = false;
};

}  // namespace

Result<std::unique_ptr<FileLock>> try_lock(const SharedFolder& folder, const std::string& name) {
  const std::string path = folder->path_of(name);
  auto file = open_private(*folder, name, O_RDWR | O_CREAT);
  if (!file) return file.error();
  const Outcome outcome = lock(file->get());
  if (outcome == Outcome::failed) return failed(path);
  if (outcome == Outcome::held) return std::unique_ptr<FileLock>();
  std::unique_ptr<Claim> claim;
  if (outcome == Outcome::unsupported) {
    auto tried = try_claim(folder, name + std::string(kClaimed));
    if (!tried) return tried.error();
    if (!*tried) return std::unique_ptr<FileLock>();
    claim = std::move(*tried);
  }
  auto made = std::make_unique<PosixLock>(std::move(*file), std::move(claim), path);
  // Of a holder that was killed.
  if (auto erased = made->erase(); !erased) return erased.error();
  return std::unique_ptr<FileLock>(std::move(made));
}

std::optional<std::string> note_of_lock(const OpenFolder& folder, const std::string& name) {
  const auto file = open_private(folder, name, O_RDONLY);
  if (!file || !*file) return std::nullopt;
  const auto locked = is_locked(file->get());
  const bool held = locked ? *locked : is_claimed(folder, name + std::string(kClaimed));
  if (!held) return std::nullopt;
  const auto text = read_whole(file->get(), kLongestFrameBytes, {});
  return text ? unframe(*text).value_or("") : "";
}

}  // namespace dogpipe::base
