#include "base/claim_posix.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace dogpipe::base {
namespace {

constexpr std::size_t kLongestClaimBytes = 1024;

// Who holds a claim. What the system does not tell is empty.
struct Holder {
  std::string machine;  // this start of it, and the set of process ids that counts
  std::string pid;
  std::string started;  // in clock ticks: an id alone may be somebody else's by now

  bool operator==(const Holder&) const = default;
};

std::string machine() {
  const auto boot = read_file("/proc/sys/kernel/random/boot_id");
  struct stat ids = {};
  if (!boot || ::stat("/proc/self/ns/pid", &ids) != 0) return {};
  return fmt::format("{}:{}", trimmed(*boot), ids.st_ino);
}

// Field 22 of proc(5)'s stat, counted from behind the name, which may hold anything.
std::string start_of(const std::string& pid) {
  const auto stat = read_file("/proc/" + pid + "/stat");
  if (!stat) return {};
  std::size_t at = stat->rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat->substr(at + 1, stat->find(' ', at + 1) - at - 1);
}

Holder ourselves() {
  const std::string pid = std::to_string(::getpid());
  return Holder{machine(), pid, start_of(pid)};
}

std::string write_holder(const Holder& holder) {
  return fmt::format("{} {} {}\n", holder.machine, holder.pid, holder.started);
}

std::optional<Holder> read_holder(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = text.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  if (text.back() != '\n') return std::nullopt;
  const std::string_view pid = text.substr(first + 1, second - first - 1);
  if (pid.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return Holder{std::string(text.substr(0, first)), std::string(pid),
                std::string(trimmed(text.substr(second + 1)))};
}

bool is_old(const struct stat& info) {
  const auto written = WallTime(std::chrono::seconds(info.st_mtime));
  return std::chrono::system_clock::now() - written > Claim::kForeignLife;
}

bool is_void(int claim, const struct stat& info) {
  const auto text = read_whole(claim, kLongestClaimBytes, {});
  const auto holder = text ? read_holder(*text) : std::nullopt;
  const std::string here = machine();
  if (!holder || here.empty() || holder->machine != here) return is_old(info);
  return start_of(holder->pid) != holder->started;
}

// Takes the name from a void claim. Two may try: a rename succeeds for one of them only; and who
// took a fresh claim by that gives it back.
Result<bool> clear(const OpenFolder& folder, const std::string& name, const struct stat& judged) {
  std::string aside = name + "-";
  if (auto file = create_private(folder, aside); !file) return file.error();
  struct stat taken = {};
  const bool moved = ::renameat(folder.get(), name.c_str(), folder.get(), aside.c_str()) == 0 &&
                     ::fstatat(folder.get(), aside.c_str(), &taken, AT_SYMLINK_NOFOLLOW) == 0;
  const bool right = moved && same_file(taken, judged);
  Result<bool> outcome = right;
  if (moved && !right &&
      ::linkat(folder.get(), aside.c_str(), folder.get(), name.c_str(), 0) != 0) {
    outcome = failed(folder.path_of(name));
  }
  ::unlinkat(folder.get(), aside.c_str(), 0);
  return outcome;
}

// Whether the name is free now, as far as one can see.
Result<bool> clear_if_void(const OpenFolder& folder, const std::string& name) {
  const auto claim = open_private(folder, name, O_RDONLY);
  if (!claim) return claim.error();
  if (!*claim) return true;
  struct stat info = {};
  if (::fstat(claim->get(), &info) != 0) return failed(folder.path_of(name));
  if (!is_void(claim->get(), info)) return false;
  return clear(folder, name, info);
}

Result<std::unique_ptr<Claim>> claimed(const SharedFolder& folder, const std::string& name,
                                       Descriptor file, const std::string& holder) {
  const int descriptor = file.get();
  auto claim = std::make_unique<Claim>(folder, name, std::move(file));
  auto written = write_whole(descriptor, holder, folder->path_of(name));
  if (!written) return written.error();
  return claim;
}

}  // namespace

Claim::~Claim() {
  struct stat ours = {};
  struct stat there = {};
  if (::fstat(file_.get(), &ours) != 0) return;
  if (::fstatat(folder_->get(), name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (same_file(ours, there)) ::unlinkat(folder_->get(), name_.c_str(), 0);
}

Result<std::unique_ptr<Claim>> try_claim(const SharedFolder& folder, const std::string& name) {
  constexpr int kTries = 2;
  // Before the claim is there: one that does not say whose it is binds everybody for 30 s.
  const std::string holder = write_holder(ourselves());
  for (int i = 0; i < kTries; ++i) {
    Descriptor file(uninterrupted([&] {
      return ::openat(folder->get(), name.c_str(),
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    }));
    if (file) return claimed(folder, name, std::move(file), holder);
    if (errno != EEXIST) return failed(folder->path_of(name));
    const auto free = clear_if_void(*folder, name);
    if (!free) return free.error();
    if (!*free) break;
  }
  return std::unique_ptr<Claim>();
}

bool is_claimed(const OpenFolder& folder, const std::string& name) {
  const auto claim = open_private(folder, name, O_RDONLY);
  struct stat info = {};
  if (!claim || !*claim || ::fstat(claim->get(), &info) != 0) return false;
  return !is_void(claim->get(), info);
}

}  // namespace dogpipe::base
