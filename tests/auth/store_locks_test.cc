// Locks, notes and turns, between processes.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

#include "auth/file_token_store.h"
#include "base/log.h"
#include "temporary_folder.h"

namespace dogpipe::auth {
namespace {

using base::Kind;

struct World {
  World() { base::log_detail::threshold = base::LogLevel::off; }

  TemporaryFolder home;
  base::PosixFiles files;
  FileTokenStore store{files, home.path()};
};

// Another process, running `work`; its answers come by a pipe. Gone with the object.
class Child {
 public:
  explicit Child(const std::function<void(int answer)>& work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      work(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    answers_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) kill();
    ::close(answers_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  char answer() const {
    char letter = '-';
    CHECK(::read(answers_, &letter, 1) >= 0);
    return letter;
  }
  void signal(int number) const { ::kill(pid_, number); }
  void kill() {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int exit_status() {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_ = 0;
  int answers_ = -1;
};

void say(int answer, char letter) {
  if (::write(answer, &letter, 1) != 1) ::_exit(9);
}

// Holds the lock with a note until it is killed.
std::function<void(int)> holder(const std::string& folder, const std::string& note) {
  return [folder, note](int answer) {
    base::PosixFiles files;
    FileTokenStore store(files, folder);
    auto lock = store.try_lock("sign-in");
    if (lock && *lock && !note.empty() && !(*lock)->note(note)) ::_exit(8);
    say(answer, lock && *lock ? 'y' : 'n');
    ::pause();
  };
}

std::unique_ptr<StoreLock> locked(TokenStore& store, std::string_view name) {
  auto lock = store.try_lock(name);
  REQUIRE(lock);
  return std::move(*lock);
}

TEST_CASE("a lock is held once, also within a process, until its object is gone") {
  World world;
  auto first = locked(world.store, "sign-in");
  REQUIRE(first);
  CHECK_FALSE(locked(world.store, "sign-in"));
  CHECK(locked(world.store, "refresh-7"));
  first.reset();
  CHECK(locked(world.store, "sign-in"));
  CHECK(mode_of(world.home / "sign-in.lock") == 0600);
}

TEST_CASE("a lock's name cannot be that of a file of ours, or lead elsewhere") {
  World world;
  for (const std::string name : {"", "../x", "a/b", "oauth_tokens.json", "A", "a.b", "a b", "\n"}) {
    CAPTURE(name);
    CHECK(world.store.try_lock(name).error().kind == Kind::file);
    CHECK_FALSE(world.store.note_of(name));
  }
  CHECK(names_in(world.home.path()).empty());
}

TEST_CASE("a note is there as long as the lock") {
  World world;
  CHECK_FALSE(world.store.note_of("sign-in"));
  auto lock = locked(world.store, "sign-in");
  CHECK(world.store.note_of("sign-in") == "");
  REQUIRE(lock->note("https://as.example/?state=1"));
  CHECK(world.store.note_of("sign-in") == "https://as.example/?state=1");
  REQUIRE(lock->note("short"));
  CHECK(world.store.note_of("sign-in") == "short");
  CHECK_FALSE(world.store.note_of("other"));
  lock.reset();
  CHECK_FALSE(world.store.note_of("sign-in"));
  CHECK(get(world.home / "sign-in.lock").empty());
}

TEST_CASE("a note has at most 16 KiB and any bytes") {
  World world;
  auto lock = locked(world.store, "a");
  const std::string longest((16u << 10) - 4, 'x');
  REQUIRE(lock->note(longest + std::string("\0\n\xff\x01", 4)));
  CHECK(world.store.note_of("a") == longest + std::string("\0\n\xff\x01", 4));
  CHECK(lock->note(longest + "12345").error().kind == Kind::too_large);
  CHECK(world.store.note_of("a")->size() == 16u << 10);
}

TEST_CASE("half a note is none") {
  World world;
  auto lock = locked(world.store, "a");
  REQUIRE(lock->note("https://as.example/"));
  const std::string whole = get(world.home / "a.lock");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    REQUIRE(::truncate((world.home / "a.lock").c_str(), static_cast<off_t>(size)) == 0);
    CHECK(world.store.note_of("a") == "");
    put(world.home / "a.lock", whole);
  }
  CHECK(world.store.note_of("a") == "https://as.example/");
}

TEST_CASE("another process's lock and note are seen, and end with it however it ends") {
  World world;
  Child child(holder(world.home.path(), "note"));
  REQUIRE(child.answer() == 'y');
  CHECK_FALSE(locked(world.store, "sign-in"));
  CHECK(world.store.note_of("sign-in") == "note");
  child.kill();
  CHECK_FALSE(world.store.note_of("sign-in"));
  auto lock = locked(world.store, "sign-in");
  REQUIRE(lock);
  CHECK(world.store.note_of("sign-in") == "");  // that of the dead is not ours
}

TEST_CASE("a stopped holder makes nobody wait") {
  World world;
  Child child(holder(world.home.path(), "note"));
  REQUIRE(child.answer() == 'y');
  child.signal(SIGSTOP);
  CHECK_FALSE(locked(world.store, "sign-in"));
  CHECK(world.store.note_of("sign-in") == "note");
  CHECK(world.store.change([](Stored&) {}));
}

// Counts pauses instead of making them.
struct Impatient : base::Files {
  base::PosixFiles real;
  std::chrono::milliseconds paused{0};

  base::Result<std::unique_ptr<base::Folder>> open(const std::string& path,
                                                   Missing missing) override {
    return real.open(path, missing);
  }
  base::WallTime now() override { return real.now(); }
  void pause(std::chrono::milliseconds time) override { paused += time; }
};

TEST_CASE("a change waits two seconds for its turn and then gives up") {
  World world;
  const auto folder = world.files.open(world.home.path(), base::Files::Missing::create);
  REQUIRE(folder);
  auto turn = (*folder)->try_lock("oauth_tokens.json.lock");
  REQUIRE(turn);
  Impatient files;
  FileTokenStore store(files, world.home.path());
  const auto result = store.change([](Stored&) { CHECK(false); });
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Kind::file);
  CHECK(files.paused == std::chrono::seconds(2));
  CHECK(store.draft());  // room can be taken meanwhile
  turn->reset();
  CHECK(store.change([](Stored&) {}));
}

TEST_CASE("processes that change the store in turns lose nothing") {
  constexpr int kProcesses = 2;
  constexpr int kChanges = 200;
  World world;
  {
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < kProcesses; ++i) {
      children.push_back(std::make_unique<Child>([&, i](int answer) {
        base::PosixFiles files;
        FileTokenStore store(files, world.home.path());
        for (int n = 0; n < kChanges; ++n) {
          auto draft = n % 2 == 0 ? nullptr : std::move(*store.draft());
          const auto changed = store.change(
              [&](Stored& stored) {
                stored.put(grant_named(std::to_string(i) + "-" + std::to_string(n)));
                Registration counter;
                counter.issuer = "counter";
                const std::uint64_t count =
                    stored.registrations.empty() ? 0 : stored.registrations[0].client.id.size();
                counter.client.id = std::string(count + 1, '|');
                stored.put(counter);
              },
              std::move(draft));
          if (!changed) ::_exit(7);
        }
        say(answer, 'y');
      }));
    }
    for (const auto& child : children) {
      // Every state that a reader meets meanwhile is whole.
      CHECK(world.store.read());
      CHECK(child->exit_status() == 0);
    }
  }
  const auto stored = world.store.read();
  REQUIRE(stored);
  CHECK(stored->grants.size() == kProcesses * kChanges);
  REQUIRE(stored->registrations.size() == 1);
  CHECK(stored->registrations[0].client.id.size() == kProcesses * kChanges);
  CHECK(names_in(world.home.path()) ==
        std::vector<std::string>{"oauth_tokens.json", "oauth_tokens.json.lock"});
}

TEST_CASE("a reader beside a writer sees whole files only") {
  World world;
  REQUIRE(world.store.change([](Stored& stored) { stored.put(grant_named("a")); }));
  const Child writer([&](int) {
    base::PosixFiles files;
    FileTokenStore store(files, world.home.path());
    for (std::size_t n = 0;; ++n) {
      const std::string name = n % 2 == 0 ? std::string(50'000, 'x') : "a";
      static_cast<void>(store.change([&](Stored& stored) { stored.grants = {grant_named(name)}; }));
    }
  });
  for (int i = 0; i < 500; ++i) {
    const auto stored = world.store.read();
    REQUIRE(stored);
    REQUIRE(stored->grants.size() == 1);
  }
}

}  // namespace
}  // namespace dogpipe::auth
