#include "event/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "event/loop.h"
#include "event/signals.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

using namespace std::chrono_literals;

Command child(std::vector<std::string> arguments) {
  return {PROCESS_CHILD, std::move(arguments), {}};
}

// Runs until something calls loop.stop(), but not for ever.
void run(UvLoop& loop) {
  bool too_long = false;
  Timer limit(loop, [&] {
    too_long = true;
    loop.stop();
  });
  limit.start(20s);
  loop.run();
  REQUIRE_FALSE(too_long);
}

void run_until(UvLoop& loop, const std::function<bool()>& over) {
  Timer look(loop, [&] {
    if (over()) return loop.stop();
    look.start(2ms);
  });
  look.start(0ms);
  run(loop);
}

struct Outcome {
  std::string output;
  std::vector<int> statuses;
};

Outcome outcome_of(const Command& command, std::string input = "") {
  ignore_broken_pipes();
  UvLoop loop;
  UvSpawner spawner(loop);
  Outcome outcome;
  auto started = spawner.start(command, base::Secret(std::move(input)),
                               {[&](std::string_view piece) { outcome.output += piece; },
                                [&](int status) {
                                  outcome.statuses.push_back(status);
                                  loop.stop();
                                }});
  REQUIRE(started);
  CHECK(outcome.statuses.empty());
  run(loop);
  return outcome;
}

// A place in the file system with a FIFO that a child waits at.
class Gate {
 public:
  Gate() {
    std::string path = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    folder_ = path;
    REQUIRE(::mkfifo(fifo().c_str(), 0600) == 0);
    write_end_ = ::open(fifo().c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(write_end_ >= 0);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() {
    open();
    std::filesystem::remove_all(folder_);
  }
  std::string fifo() const { return folder_ + "/fifo"; }
  std::string result() const { return folder_ + "/result"; }
  std::string read_result() const {
    std::ifstream file(result());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void open() {
    if (write_end_ >= 0) ::close(std::exchange(write_end_, -1));
  }

 private:
  std::string folder_;
  int write_end_ = -1;
};

bool exists(pid_t pid) { return ::kill(pid, 0) == 0; }

bool is_zombie(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  return text.find(") Z ") != std::string::npos;
}

// Starts a child that waits at the gate, and lets go of it once it has said its number.
pid_t start_and_let_go(UvLoop& loop, const Command& command, std::string input = "") {
  ignore_broken_pipes();
  UvSpawner spawner(loop);
  std::string said;
  auto started = spawner.start(command, base::Secret(std::move(input)),
                               {[&](std::string_view piece) { said += piece; },
                                [](int) { FAIL("nothing is reported of what was let go"); }});
  REQUIRE(started);
  run_until(loop, [&] { return said.find('\n') != std::string::npos; });
  started->reset();
  return std::stoi(said);
}

TEST_CASE("a program finds what it was given, and nothing else of ours") {
  const int stray = ::open("/dev/zero", O_RDONLY);  // without O_CLOEXEC, as some library does it
  REQUIRE(stray > 2);
  const int far = ::fcntl(stray, F_DUPFD, 900);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  ::signal(SIGUSR2, SIG_IGN);
  ::setenv("CANARY", "of the parent", 1);
  Command command = child({"report", "", "two words", "$(id) `id` \"';\\"});
  command.environment = {"A=1", "B=two words"};
  const Outcome outcome = outcome_of(command, "x");
  ::unsetenv("CANARY");
  ::signal(SIGUSR2, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(far);
  ::close(stray);
  CHECK(outcome.output == "argument " PROCESS_CHILD
                          "\nargument report\nargument \nargument two words\n"
                          "argument $(id) `id` \"';\\\n"
                          "variable A=1\nvariable B=two words\n"
                          "descriptor 0 pipe\ndescriptor 1 pipe\ndescriptor 2 null\n"
                          "signals\nleads a session: yes\n");
  CHECK(outcome.statuses == std::vector{0});
}

TEST_CASE("without input standard input is the null device") {
  const Outcome outcome = outcome_of(child({"report"}));
  CHECK(outcome.output.find("descriptor 0 null\ndescriptor 1 pipe\n") != std::string::npos);
}

TEST_CASE("without a reader standard output is the null device") {
  ignore_broken_pipes();
  UvLoop loop;
  UvSpawner spawner(loop);
  Gate gate;
  int status = -1;
  auto started =
      spawner.start(child({"kinds", gate.result()}), base::Secret(), {nullptr, [&](int how) {
                                                                        status = how;
                                                                        loop.stop();
                                                                      }});
  REQUIRE(started);
  run(loop);
  CHECK(status == 0);
  CHECK(gate.read_result() == "null null null");
}

TEST_CASE("exit statuses and signals are reported, once") {
  const std::pair<Command, int> cases[] = {
      {child({"exit", "0"}), 0},
      {child({"exit", "7"}), 7},
      {child({"exit", "255"}), 255},
      {child({"die", std::to_string(SIGTERM)}), 128 + SIGTERM},
      {child({"die", std::to_string(SIGPIPE)}), 128 + SIGPIPE},
      {child({"die", std::to_string(SIGKILL)}), 128 + SIGKILL},
  };
  for (const auto& one : cases) {
    CAPTURE(one.second);
    CHECK(outcome_of(one.first).statuses == std::vector{one.second});
  }
}

TEST_CASE("a long input arrives whole, and then ends") {
  std::string text;
  for (int i = 0; text.size() < (200u << 10); ++i) text += std::to_string(i) + '\n';
  text += std::string("\0end", 4);
  CHECK(outcome_of(child({"input"}), text).output ==
        std::to_string(text.size()) + ' ' + std::to_string(std::hash<std::string>()(text)));
}

TEST_CASE("input that nobody reads is no error") {
  CHECK(outcome_of(child({"exit", "3"}), std::string(1u << 20, 'x')).statuses == std::vector{3});
}

TEST_CASE("all output comes before the end is reported") {
  const Outcome outcome = outcome_of(child({"flood", "1048576"}));
  CHECK(outcome.output.size() == 1048600);
  CHECK(outcome.statuses == std::vector{0});
}

TEST_CASE("output of a grandchild comes before the end is reported") {
  const Command shell = {
      "/bin/sh", {"-c", "(sleep 0.05; echo late) & exit 5"}, {"PATH=/usr/bin:/bin"}};
  const Outcome outcome = outcome_of(shell);
  CHECK(outcome.output == "late\n");
  CHECK(outcome.statuses == std::vector{5});
}

TEST_CASE("what cannot be started is an error") {
  UvLoop loop;
  UvSpawner spawner(loop);
  Gate gate;
  const std::pair<std::string, std::string> cases[] = {
      {gate.result(), "starting " + gate.result() + ": no such file or directory"},
      {"/dev/null", "starting /dev/null: permission denied"},
      {"true", "starting a program: its path is not absolute"},
      {"", "starting a program: its path is not absolute"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.first);
    const auto started =
        spawner.start({one.first, {}, {}}, base::Secret("secret"),
                      {[](std::string_view) {}, [](int) { FAIL("it never was"); }});
    REQUIRE_FALSE(started);
    CHECK(started.error().kind == base::Kind::file);
    CHECK(started.error().what == one.second);
  }
  run_until(loop, [] { return true; });
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // nothing is left of the attempts
}

TEST_CASE("a Process may be destroyed by what it reports") {
  ignore_broken_pipes();
  UvLoop loop;
  UvSpawner spawner(loop);
  std::unique_ptr<Process> process;
  int ends = 0;
  SUBCASE("by its end") {
    process = *spawner.start(child({"exit", "0"}), base::Secret("x"), {nullptr, [&](int) {
                                                                         ++ends;
                                                                         process.reset();
                                                                         loop.stop();
                                                                       }});
    run(loop);
    CHECK(ends == 1);
  }
  SUBCASE("by its output") {
    int pieces = 0;
    process = *spawner.start(child({"flood", "1048576"}), base::Secret("x"),
                             {[&](std::string_view) {
                                ++pieces;
                                process.reset();
                              },
                              [&](int) { ++ends; }});
    run_until(loop, [&] { return pieces == 1; });
    run_until(loop, [] { return true; });
    CHECK(pieces == 1);
    CHECK(ends == 0);
  }
}

TEST_CASE("a program that was let go runs on, and is reaped when it ends") {
  UvLoop loop;
  Gate gate;
  const pid_t pid = start_and_let_go(loop, child({"hold", gate.fifo()}));
  run_until(loop, [] { return true; });
  CHECK(exists(pid));
  CHECK_FALSE(is_zombie(pid));
  CHECK(loop.lodgers() == 1);
  gate.open();
  run_until(loop, [&] { return !exists(pid); });
  CHECK(errno == ESRCH);
  CHECK(loop.lodgers() == 0);
}

TEST_CASE("a program that was let go may go on writing") {
  UvLoop loop;
  Gate gate;
  const pid_t pid = start_and_let_go(loop, child({"hold-and-flood", gate.fifo(), gate.result()}));
  gate.open();
  run_until(loop, [&] { return !exists(pid); });
  CHECK(gate.read_result() == "whole");
}

TEST_CASE("a program that was let go finds all of its input") {
  UvLoop loop;
  Gate gate;
  const std::string text(1u << 20, 'i');
  const pid_t pid =
      start_and_let_go(loop, child({"hold-and-read", gate.fifo(), gate.result()}), text);
  gate.open();
  run_until(loop, [&] { return !exists(pid); });
  CHECK(gate.read_result() == text);
}

TEST_CASE("a loop ends although a program that was let go runs on") {
  Gate gate;
  pid_t pid = 0;
  {
    UvLoop loop;
    pid = start_and_let_go(loop, child({"hold", gate.fifo()}), std::string(1u << 20, 'i'));
  }
  CHECK(exists(pid));
  CHECK_FALSE(is_zombie(pid));
  gate.open();
  int status = -1;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status));
}

}  // namespace
}  // namespace dogpipe::event
