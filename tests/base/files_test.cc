// What auth/'s store tests do not reach: claims, which stand in for locks where there are none.
#include "base/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "base/claim_posix.h"
#include "base/file.h"

namespace dogpipe::base {
namespace {

struct World {
  World() {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    folder = std::make_shared<const OpenFolder>(
        OpenFolder{Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), path});
  }
  ~World() { std::filesystem::remove_all(path); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::unique_ptr<Claim> claim() const {
    auto made = try_claim(folder, "claim");
    REQUIRE(made);
    return std::move(*made);
  }
  std::string text() const { return read_file(path + "/claim").value_or("none"); }
  void plant(const std::string& text, std::chrono::seconds age) const {
    const std::string name = path + "/claim";
    std::filesystem::remove(name);
    std::ofstream(name) << text;
    REQUIRE(::chmod(name.c_str(), 0600) == 0);
    std::filesystem::last_write_time(name, std::filesystem::file_time_type::clock::now() - age);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }

  std::string path = std::filesystem::temp_directory_path() / "dogpipe-claim-XXXXXX";
  SharedFolder folder;
};

using std::chrono::seconds;

TEST_CASE("a claim is held by one, and gone with its object") {
  const World world;
  auto first = world.claim();
  REQUIRE(first);
  CHECK_FALSE(world.claim());
  CHECK(is_claimed(*world.folder, "claim"));
  CHECK_FALSE(is_claimed(*world.folder, "other"));
  first.reset();
  CHECK(world.files() == 0);
  CHECK_FALSE(is_claimed(*world.folder, "claim"));
  CHECK(world.claim());
}

TEST_CASE("a living holder's claim stands for good, a dead one's falls at once") {
  const World world;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto claim = try_claim(world.folder, "claim");
    const char done = claim && *claim ? 'y' : 'n';
    if (::write(ends[1], &done, 1) == 1) ::pause();
    ::_exit(1);
  }
  char done = 0;
  REQUIRE(::read(ends[0], &done, 1) == 1);
  CHECK(done == 'y');
  CHECK_FALSE(world.claim());
  world.plant(world.text(), seconds(100'000));
  CHECK_FALSE(world.claim());
  CHECK(is_claimed(*world.folder, "claim"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(is_claimed(*world.folder, "claim"));
  CHECK(world.claim());
  CHECK(world.files() == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a process id that is somebody else's by now does not hold a claim") {
  const World world;
  std::string text;
  {
    const auto ours = world.claim();
    text = world.text();
  }
  char& digit = text.at(text.size() - 2);  // of when it began
  digit = digit == '0' ? '1' : '0';
  world.plant(text, seconds(0));
  CHECK_FALSE(is_claimed(*world.folder, "claim"));
  CHECK(world.claim());
}

TEST_CASE("what cannot be judged stands for half a minute: other machines, and no names at all") {
  const World world;
  for (const std::string text :
       {"another-boot:4026531836 1 5\n", "", "x", "a b", "a b c", "a b c\n", "  \n", "\n"}) {
    CAPTURE(text);
    world.plant(text, seconds(20));
    CHECK_FALSE(world.claim());
    CHECK(is_claimed(*world.folder, "claim"));
    CHECK(world.text() == text);
    world.plant(text, seconds(40));
    CHECK_FALSE(is_claimed(*world.folder, "claim"));
    CHECK(world.claim());
    CHECK(world.files() == 0);
  }
}

TEST_CASE("a claim that somebody else has taken over is not removed by the one who lost it") {
  const World world;
  {
    const auto ours = world.claim();
    world.plant("another-boot:1 1 5\n", seconds(0));
  }
  CHECK(world.text() == "another-boot:1 1 5\n");
}

TEST_CASE("a link in the place of a claim is not followed") {
  const World world;
  std::ofstream(world.path + "/precious") << "x";
  std::filesystem::create_symlink("precious", world.path + "/claim");
  const auto made = try_claim(world.folder, "claim");
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == Kind::untrusted);
  CHECK(*read_file(world.path + "/precious") == "x");
}

TEST_CASE("of two that find a dead one's claim at the same time one gets it") {
  const World world;
  for (int round = 0; round < 100; ++round) {
    world.plant("another-boot:1 1 5\n", seconds(40));
    int results[2];
    int start[2];
    REQUIRE(::pipe(results) == 0);
    REQUIRE(::pipe(start) == 0);
    pid_t children[2];
    for (pid_t& child : children) {
      child = ::fork();
      REQUIRE(child >= 0);
      if (child != 0) continue;
      ::close(start[1]);
      char go = 0;
      static_cast<void>(::read(start[0], &go, 1) == 0);  // both go when the parent closes it
      const auto claim = try_claim(world.folder, "claim");
      const char won = claim && *claim ? 'y' : 'n';
      // Held until both have tried.
      if (::write(results[1], &won, 1) == 1) ::pause();
      ::_exit(1);
    }
    ::close(start[0]);
    ::close(start[1]);
    std::string won(2, '-');
    REQUIRE(::read(results[0], won.data(), 1) == 1);
    REQUIRE(::read(results[0], won.data() + 1, 1) == 1);
    CHECK(std::count(won.begin(), won.end(), 'y') <= 1);
    for (const pid_t child : children) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    ::close(results[0]);
    ::close(results[1]);
  }
}

}  // namespace
}  // namespace dogpipe::base
