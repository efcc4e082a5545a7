// What may stand under the store's names, and whether it is used: the file, its lock, its folder.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "auth/file_token_store.h"
#include "base/log.h"
#include "temporary_folder.h"

namespace dogpipe::auth {
namespace {

using base::Kind;

struct Place {
  TemporaryFolder home;
  std::string folder = home / "state";
  std::string file = folder + "/oauth_tokens.json";
  std::string lock = file + ".lock";
  std::string outside = home / "outside";
};

bool is_root() { return ::geteuid() == 0; }

std::string outcome(const base::Result<void>& result) {
  if (result) return "used";
  switch (result.error().kind) {
    case Kind::untrusted:
      return "untrusted";
    case Kind::file:
      return "file";
    default:
      return "another error";
  }
}

std::string outcome(const base::Result<Stored>& result) {
  return result ? "used" : outcome(base::Result<void>(result.error()));
}

std::string own(const std::string& path, unsigned owner, mode_t mode) {
  CHECK(::chown(path.c_str(), owner, static_cast<gid_t>(-1)) == 0);
  CHECK(::chmod(path.c_str(), mode) == 0);
  return path;
}

void link(const std::string& target, const std::string& name) {
  std::filesystem::create_symlink(target, name);
}

void make_socket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
}

// All that can be seen of a folder: names, kinds, modes, owners, sizes, contents.
std::string picture(const std::string& folder) {
  std::string text;
  for (const std::string& name : names_in(folder)) {
    const std::string path = folder + "/" + name;
    struct stat info = {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    text += name + " " + std::to_string(info.st_mode) + " " + std::to_string(info.st_uid) + " " +
            std::to_string(info.st_ino) + " " + std::to_string(info.st_size);
    if (S_ISREG(info.st_mode) && info.st_size < 1'000'000) text += " " + get(path);
    text += "\n";
  }
  return text;
}

struct State {
  std::string name;
  std::function<void(const Place&)> make;
  std::string read;
  std::string change;
  bool root_only = false;
};

const auto good = [](const Place& place, mode_t mode) { put(place.file, file_with("old"), mode); };

State mode(mode_t bits, const std::string& outcome) {
  return {"the file has mode " + std::to_string(bits),
          [bits](const Place& place) { good(place, bits); }, outcome, outcome};
}

State owner(unsigned user, mode_t bits) {
  return {"the file is another's",
          [=](const Place& place) {
            good(place, bits);
            own(place.file, user, bits);
          },
          "untrusted", "untrusted", true};
}

// Whatever is planted under the lock's name: readers need no lock.
State at_lock(const std::string& name, std::function<void(const Place&)> make,
              bool root_only = false) {
  return {name,
          [=](const Place& place) {
            good(place, 0600);
            make(place);
          },
          "used", "untrusted", root_only};
}

State of_folder(const std::string& name, mode_t bits, const std::string& outcome,
                unsigned user = 0) {
  return {name,
          [=](const Place& place) {
            good(place, 0600);
            if (is_root()) {
              own(place.folder, user, bits);
            } else {
              CHECK(::chmod(place.folder.c_str(), bits) == 0);
            }
          },
          outcome, outcome, user != 0};
}

State of_parent(const std::string& name, mode_t bits, const std::string& outcome,
                unsigned user = 0) {
  return {name,
          [=](const Place& place) {
            good(place, 0600);
            if (is_root()) {
              own(place.home.path(), user, bits);
            } else {
              CHECK(::chmod(place.home.path().c_str(), bits) == 0);
            }
          },
          outcome, outcome, user != 0};
}

std::vector<State> states() {
  constexpr unsigned kStranger = 12345;
  return {
      {"there is no file", [](const Place&) {}, "used", "used"},
      mode(0600, "used"),
      mode(0400, "used"),
      mode(0700, "used"),
      mode(0640, "untrusted"),
      mode(0620, "untrusted"),
      mode(0610, "untrusted"),
      mode(0604, "untrusted"),
      mode(0602, "untrusted"),
      mode(0601, "untrusted"),
      mode(0644, "untrusted"),
      mode(0666, "untrusted"),
      mode(0777, "untrusted"),
      owner(kStranger, 0600),
      owner(kStranger, 0644),
      {"a link to a good file beside it",
       [](const Place& place) {
         put(place.folder + "/real", file_with("old"));
         link("real", place.file);
       },
       "untrusted", "untrusted"},
      {"a link to a good file elsewhere",
       [](const Place& place) {
         put(place.outside, file_with("old"));
         link(place.outside, place.file);
       },
       "untrusted", "untrusted"},
      {"a link to nowhere", [](const Place& place) { link("nowhere", place.file); }, "untrusted",
       "untrusted"},
      {"a link to itself", [](const Place& place) { link("oauth_tokens.json", place.file); },
       "untrusted", "untrusted"},
      {"a link to the null device", [](const Place& place) { link("/dev/null", place.file); },
       "untrusted", "untrusted"},
      {"a pipe", [](const Place& place) { CHECK(::mkfifo(place.file.c_str(), 0600) == 0); },
       "untrusted", "untrusted"},
      {"a socket", [](const Place& place) { make_socket(place.file); }, "untrusted", "untrusted"},
      {"a folder", [](const Place& place) { std::filesystem::create_directory(place.file); },
       "untrusted", "untrusted"},
      {"a device",
       [](const Place& place) {
         CHECK(::mknod(place.file.c_str(), S_IFCHR | 0600, ::makedev(1, 3)) == 0);
       },
       "untrusted", "untrusted", true},
      {"a file with a second name",
       [](const Place& place) {
         good(place, 0600);
         std::filesystem::create_hard_link(place.file, place.outside);
       },
       "untrusted", "untrusted"},
      {"an unreadable file that others could write",
       [](const Place& place) { put(place.file, "corrupt", 0666); }, "untrusted", "untrusted"},
      {"a huge file that others can read",
       [](const Place& place) {
         put(place.file, "", 0644);
         std::filesystem::resize_file(place.file, std::uintmax_t{1} << 30);
       },
       "untrusted", "untrusted"},
      {"the file of a newer program",
       [](const Place& place) { put(place.file, R"({"version":2})"); }, "file", "file"},
      at_lock("the lock is a link to nowhere",
              [](const Place& place) { link(place.outside, place.lock); }),
      at_lock("the lock is a link to a file",
              [](const Place& place) {
                put(place.outside, "precious");
                link(place.outside, place.lock);
              }),
      at_lock("the lock is a pipe",
              [](const Place& place) { CHECK(::mkfifo(place.lock.c_str(), 0600) == 0); }),
      at_lock("the lock is a folder",
              [](const Place& place) { std::filesystem::create_directory(place.lock); }),
      at_lock("the lock has a second name",
              [](const Place& place) {
                put(place.outside, "precious");
                std::filesystem::create_hard_link(place.outside, place.lock);
              }),
      at_lock("the lock can be held by others",
              [](const Place& place) { put(place.lock, "", 0644); }),
      at_lock(
          "the lock is another's",
          [=](const Place& place) {
            put(place.lock, "");
            own(place.lock, kStranger, 0600);
          },
          true),
      of_folder("others can look into the folder", 0755, "used"),
      of_folder("the group can write in the folder", 0770, "untrusted"),
      of_folder("all can write in the folder", 0777, "untrusted"),
      of_folder("all can write in the folder, which is sticky", 01777, "untrusted"),
      of_folder("the folder is another's", 0700, "untrusted", kStranger),
      {"the folder is a link to a good one",
       [](const Place& place) {
         good(place, 0600);
         std::filesystem::rename(place.folder, place.outside);
         link(place.outside, place.folder);
       },
       "untrusted", "untrusted"},
      {"the folder is a file",
       [](const Place& place) {
         std::filesystem::remove(place.folder);
         put(place.folder, "");
       },
       "untrusted", "untrusted"},
      of_parent("others can look into the parent", 0755, "used"),
      of_parent("the group can write in the parent", 0770, "untrusted"),
      of_parent("all can write in the parent", 0777, "untrusted"),
      of_parent("all can write in the parent, which is sticky", 01777, "used"),
      of_parent("the parent is another's", 0755, "untrusted", kStranger),
  };
}

TEST_CASE("every state of file, lock and folder has its outcome, and what is refused stays") {
  base::log_detail::threshold = base::LogLevel::off;
  for (const State& state : states()) {
    if (state.root_only && !is_root()) {
      MESSAGE("skipped, takes root: " << state.name);
      continue;
    }
    CAPTURE(state.name);
    const Place place;
    REQUIRE(::mkdir(place.folder.c_str(), 0700) == 0);
    state.make(place);
    const auto seen = [&] {
      return picture(place.home.path()) +
             (std::filesystem::is_directory(place.folder) ? picture(place.folder) : "");
    };
    const std::string before = seen();

    base::PosixFiles files;
    FileTokenStore store(files, place.folder);
    const auto stored = store.read();
    CHECK(outcome(stored) == state.read);
    CHECK(seen() == before);
    const auto draft = store.draft();
    CHECK(draft.has_value() == (state.change == "used"));

    const auto changed = store.change([](Stored& content) { content.put(grant_named("new")); });
    CHECK(outcome(changed) == state.change);
    if (changed) {
      CHECK(mode_of(place.file) == 0600);
    } else {
      // The file's own lock is the one thing that may be new.
      if (!std::filesystem::is_symlink(place.lock) && before.find(".lock") == std::string::npos) {
        ::unlink(place.lock.c_str());
      }
      CHECK(seen() == before);
    }
    for (const std::string& text : {outcome(stored), outcome(changed)}) {
      CHECK(text != "another error");
    }
    ::chmod(place.home.path().c_str(), 0700);
  }
}

TEST_CASE("a refusal names path, fault and remedy") {
  const auto complaint = [](const std::function<void(const Place&)>& make) {
    const Place place;
    REQUIRE(::mkdir(place.folder.c_str(), 0700) == 0);
    make(place);
    base::PosixFiles files;
    const auto result = FileTokenStore(files, place.folder).read();
    REQUIRE_FALSE(result);
    ::chmod(place.home.path().c_str(), 0700);
    std::string text = result.error().what;
    for (auto at = text.find(place.home.path()); at != std::string::npos;
         at = text.find(place.home.path())) {
      text.replace(at, place.home.path().size(), "~");
    }
    return text;
  };
  CHECK(complaint([](const Place& place) { good(place, 0644); }) ==
        "~/state/oauth_tokens.json: open to other users (mode 0644); run: chmod 600 "
        "~/state/oauth_tokens.json");
  CHECK(complaint([](const Place& place) { link("x", place.file); }) ==
        "~/state/oauth_tokens.json: a symbolic link; remove it");
  CHECK(complaint([](const Place& place) { ::mkfifo(place.file.c_str(), 0600); }) ==
        "~/state/oauth_tokens.json: not a regular file; move it away");
  CHECK(complaint([](const Place& place) { ::chmod(place.folder.c_str(), 0775); }) ==
        "~/state: others can write there (mode 0775); run: chmod go-w ~/state");
  CHECK(complaint([](const Place& place) { ::chmod(place.home.path().c_str(), 0775); }) ==
        "~: others can write there (mode 0775); run: chmod go-w ~");
}

TEST_CASE("what is above the home does not matter") {
  const Place place;
  const std::string home = place.home / "home";
  REQUIRE(::mkdir(home.c_str(), 0700) == 0);
  REQUIRE(::chmod(place.home.path().c_str(), 0777) == 0);
  base::PosixFiles to_the_root;
  CHECK(FileTokenStore(to_the_root, home + "/state").draft().error().kind == Kind::untrusted);
  base::PosixFiles to_the_home(home);
  CHECK(FileTokenStore(to_the_home, home + "/state").draft());
  REQUIRE(::chmod(home.c_str(), 0777) == 0);
  CHECK(FileTokenStore(to_the_home, home + "/state").draft().error().kind == Kind::untrusted);
}

TEST_CASE("under a swapping of good file and decoy the decoy is never read") {
  base::log_detail::threshold = base::LogLevel::off;
  const Place place;
  REQUIRE(::mkdir(place.folder.c_str(), 0700) == 0);
  put(place.outside, file_with("decoy"));
  const pid_t swapper = ::fork();
  REQUIRE(swapper >= 0);
  if (swapper == 0) {
    const std::string other = place.folder + "/other";
    const std::string text = file_with("good");
    for (;;) {
      put(other, text);
      ::rename(other.c_str(), place.file.c_str());
      static_cast<void>(::symlink(place.outside.c_str(), other.c_str()) == 0);
      ::rename(other.c_str(), place.file.c_str());
    }
  }
  base::PosixFiles files;
  FileTokenStore store(files, place.folder);
  // As long as it takes to have met both often.
  int good_ones = 0;
  int refused = 0;
  while (good_ones < 300 || refused < 300) {
    const auto stored = store.read();
    const std::string found = stored ? names(*stored) : outcome(stored);
    if (!found.empty() && found != "good" && found != "untrusted") FAIL_CHECK(found);
    good_ones += found == "good" ? 1 : 0;
    refused += found == "untrusted" ? 1 : 0;
  }
  ::kill(swapper, SIGKILL);
  ::waitpid(swapper, nullptr, 0);
}

}  // namespace
}  // namespace dogpipe::auth
