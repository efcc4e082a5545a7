#include "auth/file_token_store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "auth/stored.h"
#include "base/log.h"
#include "temporary_folder.h"

namespace dogpipe::auth {
namespace {

using base::Kind;
using Names = std::vector<std::string>;

const std::string kFile = "oauth_tokens.json";

// A store on a real disk, in a folder that does not exist yet.
struct World {
  World() { base::log_detail::threshold = base::LogLevel::off; }

  TemporaryFolder home;
  std::string folder = home / "state";
  std::string file = folder + "/" + kFile;
  base::PosixFiles files;
  FileTokenStore store{files, folder};

  void given(std::string_view text, mode_t mode = 0600) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    put(file, text, mode);
  }
  base::Result<void> add(std::string_view name, std::unique_ptr<StoreDraft> draft = nullptr) {
    return store.change([&](Stored& stored) { stored.put(grant_named(name)); }, std::move(draft));
  }
  std::string read_names() {
    const auto stored = store.read();
    REQUIRE_MESSAGE(stored, (stored ? "" : stored.error().what));
    return names(*stored);
  }
  std::unique_ptr<StoreDraft> draft() {
    auto made = store.draft();
    REQUIRE(made);
    return std::move(*made);
  }
  // What there is but for the file and its lock.
  Names others() {
    Names all = names_in(folder);
    std::erase(all, kFile);
    std::erase(all, kFile + ".lock");
    return all;
  }
};

TEST_CASE("without a folder there is nothing, and reading makes none") {
  World world;
  CHECK(world.read_names().empty());
  CHECK(world.store.stamp() == TokenStore::Stamp());
  CHECK_FALSE(world.store.note_of("sign-in"));
  CHECK_FALSE(std::filesystem::exists(world.folder));
}

TEST_CASE("without a home nothing can be stored, and that is said") {
  base::PosixFiles files;
  FileTokenStore store(files, "");
  CHECK(store.read());
  CHECK(store.stamp() == TokenStore::Stamp());
  CHECK_FALSE(store.note_of("x"));
  CHECK(store.change([](Stored&) {}).error().kind == Kind::file);
  CHECK(store.draft().error().kind == Kind::file);
  CHECK(store.try_lock("x").error().what ==
        "there is no home folder to keep sign-ins in: set DOGPIPE_HOME");
}

TEST_CASE("a change makes folder and files, for us alone whatever the umask") {
  for (const mode_t mask : {0u, 022u, 077u}) {
    World world;
    const mode_t before = ::umask(mask);
    CHECK(world.add("a"));
    ::umask(before);
    CHECK(world.read_names() == "a");
    CHECK(mode_of(world.folder) == 0700);
    CHECK(mode_of(world.file) == 0600);
    CHECK(names_in(world.folder) == Names{kFile, kFile + ".lock"});
    CHECK(mode_of(world.file + ".lock") == 0600);
  }
}

TEST_CASE("a change sees what is there and adds to it") {
  World world;
  REQUIRE(world.add("a"));
  REQUIRE(world.add("b"));
  CHECK(world.read_names() == "a b");
  REQUIRE(world.store.change([](Stored& stored) { stored.grants.clear(); }));
  CHECK(world.read_names().empty());
}

TEST_CASE("the stamp changes with each change and with nothing else") {
  World world;
  std::vector<TokenStore::Stamp> stamps = {world.store.stamp()};
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.add("a"));
    for (const TokenStore::Stamp& earlier : stamps) CHECK(earlier != world.store.stamp());
    stamps.push_back(world.store.stamp());
    CHECK(world.read_names() == "a");
    CHECK(world.store.stamp() == stamps.back());
  }
  std::filesystem::remove(world.file);
  CHECK(world.store.stamp() == TokenStore::Stamp());
}

TEST_CASE("a draft takes room on the disk, and leaves with its object") {
  World world;
  world.given(file_with("old"));
  const std::size_t size = std::filesystem::file_size(world.file);
  {
    const auto draft = world.draft();
    REQUIRE(world.others().size() == 1);
    const std::string taken = world.folder + "/" + world.others()[0];
    CHECK(mode_of(taken) == 0600);
    CHECK(std::filesystem::file_size(taken) == size + (64u << 10));
    struct stat info = {};
    REQUIRE(::stat(taken.c_str(), &info) == 0);
    CHECK(static_cast<std::size_t>(info.st_blocks) * 512 >= size + (64u << 10));
    CHECK(get(world.file) == file_with("old"));
  }
  CHECK(world.others().empty());
  CHECK(world.read_names() == "old");
}

TEST_CASE("a change with a draft writes into its room and no further file") {
  World world;
  world.given(file_with("old"));
  auto draft = world.draft();
  struct stat taken = {};
  REQUIRE(::stat((world.folder + "/" + world.others().at(0)).c_str(), &taken) == 0);
  REQUIRE(world.add("new", std::move(draft)));
  struct stat now = {};
  REQUIRE(::stat(world.file.c_str(), &now) == 0);
  CHECK(now.st_ino == taken.st_ino);
  CHECK(world.others().empty());
  CHECK(world.read_names() == "old new");
  CHECK(mode_of(world.file) == 0600);
}

TEST_CASE("a draft that is too small, gone or moved away is made up for") {
  World world;
  world.given(file_with("old"));
  auto small = world.draft();
  REQUIRE(world.store.change(
      [](Stored& stored) {
        stored.put(grant_named(std::string(100'000, 'x')));
        stored.grants.back().client.id = "big";
      },
      std::move(small)));
  CHECK(world.read_names() == "old big");

  auto gone = world.draft();
  std::filesystem::remove(world.folder + "/" + world.others().at(0));
  REQUIRE(world.add("b", std::move(gone)));
  CHECK(world.read_names() == "old big b");

  auto moved = world.draft();
  std::filesystem::rename(world.folder, world.home / "elsewhere");
  REQUIRE(world.add("c", std::move(moved)));
  CHECK(world.read_names() == "c");
  CHECK(mode_of(world.folder) == 0700);
}

TEST_CASE("what nobody can read is set aside and replaced, and is empty until then") {
  const std::string good = file_with("x");
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), std::string("{}"), std::string(4096, '\0'),
        std::string((4u << 20) + 1, ' '), "\xff\xfe" + good}) {
    World world;
    world.given(text);
    CHECK(world.read_names().empty());
    CHECK(get(world.file) == text);
    CHECK(world.others().empty());
    REQUIRE(world.add("new"));
    CHECK(world.read_names() == "new");
    REQUIRE(world.others().size() == 1);
    CHECK(world.others()[0].substr(0, 28) == kFile + ".corrupt-20");
    CHECK(get(world.folder + "/" + world.others()[0]) == text);
    REQUIRE(world.add("more"));
    CHECK(world.read_names() == "new more");
    CHECK(world.others().size() == 1);
  }
}

TEST_CASE("a byte order mark costs nobody a sign-in") {
  World world;
  world.given("\xef\xbb\xbf" + file_with("old"));
  REQUIRE(world.add("new"));
  CHECK(world.read_names() == "old new");
  CHECK(get(world.file)[0] == '{');
  CHECK(world.others().empty());
}

TEST_CASE("of unreadable files three are kept, the latest") {
  World world;
  world.given("corrupt");
  for (const std::string time : {"20010101T000000Z", "20020101T000000Z", "20030101T000000Z"}) {
    put(world.file + ".corrupt-" + time, time);
  }
  REQUIRE(world.add("a"));
  const Names others = world.others();
  REQUIRE(others.size() == 3);
  CHECK(others[0] == kFile + ".corrupt-20020101T000000Z");
  CHECK(others[1] == kFile + ".corrupt-20030101T000000Z");
  CHECK(get(world.folder + "/" + others[2]) == "corrupt");
}

TEST_CASE("an unreadable file is warned of once, until another takes its place") {
  World world;
  world.given("corrupt");
  const std::string log = world.home / "log";
  base::LogSettings settings;
  settings.file = log;
  REQUIRE(base::open_log(settings));
  const auto lines = [&] {
    const std::string text = get(log);
    return std::count(text.begin(), text.end(), '\n');
  };
  for (int i = 0; i < 3; ++i) CHECK(world.read_names().empty());
  CHECK(lines() == 1);
  std::filesystem::remove(world.file);
  world.given("corrupt as well");
  CHECK(world.read_names().empty());
  CHECK(lines() == 2);
  REQUIRE(base::open_log({}));
}

TEST_CASE("the file of a newer program is left alone by everything") {
  World world;
  const std::string newer = R"({"version":2,"vault":{}})";
  world.given(newer);
  CHECK(world.store.read().error().kind == Kind::file);
  CHECK(world.store.draft().error().kind == Kind::file);
  CHECK(world.add("a").error().what ==
        world.file +
            ": written by a newer dogpipe (format 2, 1 is known here): update dogpipe, or move the "
            "file away and sign in again");
  CHECK(get(world.file) == newer);
  CHECK(world.others().empty());
}

TEST_CASE("the older client's file is read, and is one of ours after a change") {
  World world;
  world.given(R"({"access_token":"at","resource_uri":"https://mcp.example/","client_id":"old"})");
  CHECK(world.read_names() == "old");
  REQUIRE(world.add("new"));
  CHECK(world.read_names() == "old new");
  CHECK(get(world.file).find("\"version\": 1") != std::string::npos);
  CHECK(world.others().empty());
}

TEST_CASE("drafts that a killed process has left go after a day, those of the living stay") {
  World world;
  world.given(file_with("a"));
  const auto aged = [&](const std::string& name, std::chrono::hours age) {
    put(world.folder + "/" + name, "x");
    std::filesystem::last_write_time(world.folder + "/" + name,
                                     std::filesystem::file_time_type::clock::now() - age);
  };
  using std::chrono::hours;
  aged(kFile + ".tmp-0123456789abcdef", hours(25));
  aged(kFile + ".tmp-fedcba9876543210", hours(23));
  aged("notes.tmp-0123456789abcdef", hours(2500));
  aged(kFile + ".corrupt-20010101T000000Z", hours(2500));
  std::filesystem::create_symlink("nowhere", world.folder + "/" + kFile + ".tmp-link");
  REQUIRE(world.add("b"));
  CHECK(world.others() == Names{"notes.tmp-0123456789abcdef", kFile + ".corrupt-20010101T000000Z",
                                kFile + ".tmp-fedcba9876543210", kFile + ".tmp-link"});
}

TEST_CASE("what the edit makes of an error is nothing: a file that cannot be written stays") {
  World world;
  world.given(file_with("old"));
  const auto result = world.store.change([](Stored& stored) {
    stored.grants[0].access_token = base::Secret(std::string(kStoredLimitBytes, 'x'));
  });
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Kind::file);
  CHECK(get(world.file) == file_with("old"));
  CHECK(world.others().empty());
  CHECK(world.add("new"));
}

TEST_CASE("a folder with a slash behind its name is the same folder") {
  World world;
  FileTokenStore slashed(world.files, world.folder + "//");
  REQUIRE(slashed.change([](Stored& stored) { stored.put(grant_named("a")); }));
  CHECK(world.read_names() == "a");
  std::filesystem::create_directory_symlink(world.folder, world.home / "link");
  FileTokenStore linked(world.files, world.home / "link/");
  CHECK(linked.read().error().kind == Kind::untrusted);
}

}  // namespace
}  // namespace dogpipe::auth
