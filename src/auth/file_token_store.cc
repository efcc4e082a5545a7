#include "auth/file_token_store.h"

#include <fmt/format.h>

#include <chrono>

#include "auth/stored.h"
#include "base/log.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;

const std::string kFile = "oauth_tokens.json";
const std::string kLock = kFile + ".lock";
const std::string kDraft = kFile + ".tmp-";
const std::string kCorrupt = kFile + ".corrupt-";

constexpr std::size_t kCorruptKept = 3;
constexpr std::chrono::hours kDraftLife{24};
// What a sign-in may add to the file.
constexpr std::size_t kRoomBytes = 64u << 10;

// How long change() waits for its turn: 2 s in all.
constexpr std::chrono::milliseconds kPause{5};
constexpr int kPauses = 400;

constexpr std::string_view kLockLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";

class Lock final : public StoreLock {
 public:
  explicit Lock(std::unique_ptr<base::FileLock> lock) : lock_(std::move(lock)) {}
  Result<void> note(std::string_view text) override { return lock_->note(text); }

 private:
  std::unique_ptr<base::FileLock> lock_;
};

struct Draft final : StoreDraft {
  explicit Draft(std::unique_ptr<base::DraftFile> taken) : file(std::move(taken)) {}
  std::unique_ptr<base::DraftFile> file;
};

// Without a dot in it, so that no name is that of our own lock.
bool is_lock_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of(kLockLetters) == std::string_view::npos;
}

std::string lock_file(std::string_view name) { return std::string(name) + ".lock"; }

// 20060102T150405Z.
std::string utc(base::WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

// What the file holds now. `corrupt`: there is one, and nobody can read it.
struct FileTokenStore::Content {
  Stored stored;
  std::size_t bytes = 0;
  std::optional<Error> corrupt;
};

Result<std::unique_ptr<base::Folder>> FileTokenStore::open(base::Files::Missing missing) {
  if (!folder_.empty()) return files_.open(folder_, missing);
  if (missing == base::Files::Missing::accept) return std::unique_ptr<base::Folder>();
  return Error{Kind::file, "there is no home folder to keep sign-ins in: set DOGPIPE_HOME"};
}

Result<FileTokenStore::Content> FileTokenStore::load(base::Folder& folder) const {
  auto text = folder.read(kFile, kStoredLimitBytes);
  if (!text) return unread(std::move(text.error()));
  if (!*text) return Content();
  const base::Secret bytes(std::move(**text));
  auto stored = read_stored(bytes.reveal());
  if (!stored) return unread(std::move(stored.error()).during(folder_ + "/" + kFile));
  return Content{std::move(*stored), bytes.reveal().size(), std::nullopt};
}

Result<FileTokenStore::Content> FileTokenStore::unread(Error error) {
  const bool corrupt = error.kind == Kind::malformed || error.kind == Kind::too_large;
  if (!corrupt) return error;
  return Content{{}, 0, std::move(error)};
}

Result<Stored> FileTokenStore::read() {
  auto folder = open(base::Files::Missing::accept);
  if (!folder) return folder.error();
  if (!*folder) return Stored();
  const base::FileStamp stamp = (*folder)->stamp(kFile);
  auto content = load(**folder);
  if (!content) return content.error();
  if (content->corrupt) {
    warn(*content->corrupt, {stamp.device, stamp.inode, stamp.size, stamp.changed_ns});
  }
  return std::move(content->stored);
}

TokenStore::Stamp FileTokenStore::stamp() {
  auto folder = open(base::Files::Missing::accept);
  if (!folder || !*folder) return {};
  const base::FileStamp stamp = (*folder)->stamp(kFile);
  return {stamp.device, stamp.inode, stamp.size, stamp.changed_ns};
}

Result<std::unique_ptr<StoreLock>> FileTokenStore::try_lock(std::string_view name) {
  if (!is_lock_name(name)) return Error{Kind::file, "not a name for a lock"};
  auto folder = open(base::Files::Missing::create);
  if (!folder) return folder.error();
  auto lock = (*folder)->try_lock(lock_file(name));
  if (!lock) return lock.error();
  if (!*lock) return std::unique_ptr<StoreLock>();
  return std::unique_ptr<StoreLock>(std::make_unique<Lock>(std::move(*lock)));
}

std::optional<std::string> FileTokenStore::note_of(std::string_view name) {
  if (!is_lock_name(name)) return std::nullopt;
  auto folder = open(base::Files::Missing::accept);
  if (!folder || !*folder) return std::nullopt;
  return (*folder)->note_of(lock_file(name));
}

Result<std::unique_ptr<StoreDraft>> FileTokenStore::draft() {
  auto folder = open(base::Files::Missing::create);
  if (!folder) return folder.error();
  if (auto lock = (*folder)->try_lock(kLock); !lock) return lock.error();
  const auto content = load(**folder);
  if (!content) return content.error();
  // Now, and not when a token has been spent that is not on the disk yet.
  sweep(**folder);
  auto file = (*folder)->draft(kDraft, content->bytes + kRoomBytes);
  if (!file) return file.error();
  return std::unique_ptr<StoreDraft>(std::make_unique<Draft>(std::move(*file)));
}

Result<void> FileTokenStore::change(const std::function<void(Stored&)>& edit,
                                    std::unique_ptr<StoreDraft> draft) {
  auto folder = open(base::Files::Missing::create);
  if (!folder) return folder.error();
  const auto turn = wait_for_turn(**folder);
  if (!turn) return turn.error();
  auto content = load(**folder);
  if (!content) return content.error();
  edit(content->stored);
  const auto text = write_stored(content->stored);
  if (!text) return text.error();
  auto taken = draft ? std::move(static_cast<Draft&>(*draft).file) : nullptr;
  return replace(**folder, *content, text->reveal(), std::move(taken));
}

Result<std::unique_ptr<base::FileLock>> FileTokenStore::wait_for_turn(base::Folder& folder) {
  for (int i = 0; i < kPauses; ++i) {
    auto lock = folder.try_lock(kLock);
    if (!lock || *lock) return lock;
    files_.pause(kPause);
  }
  return Error{Kind::file, folder_ + "/" + kFile + ": another process is writing it all the time"};
}

Result<void> FileTokenStore::replace(base::Folder& folder, const Content& old,
                                     std::string_view text,
                                     std::unique_ptr<base::DraftFile> draft) {
  if (!draft || !draft->in_place()) {
    sweep(folder);
    auto created = folder.draft(kDraft, 0);
    if (!created) return created.error();
    draft = std::move(*created);
  }
  if (auto written = draft->write(text); !written) return written;
  if (old.corrupt) {
    if (auto aside = set_aside(folder); !aside) return aside;
  }
  return draft->publish(kFile);
}

Result<void> FileTokenStore::set_aside(base::Folder& folder) {
  const std::string name = kCorrupt + utc(files_.now());
  if (auto renamed = folder.rename(kFile, name); !renamed) return renamed;
  base::log(base::LogLevel::warn, "{}/{} cannot be read; it is {} now", folder_, kFile, name);
  const auto all = folder.list(kCorrupt);
  for (std::size_t i = 0; all && i + kCorruptKept < all->size(); ++i) {
    static_cast<void>(folder.remove((*all)[i].name));
  }
  return {};
}

// Of processes that were killed. What cannot be removed does no harm.
void FileTokenStore::sweep(base::Folder& folder) {
  const auto drafts = folder.list(kDraft);
  if (!drafts) return;
  for (const base::Folder::Entry& draft : *drafts) {
    if (files_.now() - draft.written > kDraftLife) static_cast<void>(folder.remove(draft.name));
  }
}

void FileTokenStore::warn(const Error& error, const Stamp& stamp) {
  if (warned_of_ == stamp) return;
  warned_of_ = stamp;
  base::log(base::LogLevel::warn, "{}; taken for empty", error.what);
}

}  // namespace dogpipe::auth
