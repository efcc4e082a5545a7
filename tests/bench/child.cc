#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

extern char** environ;

namespace bench {
namespace {

struct Ends {
  int ours_in = -1, ours_out = -1, theirs_in = -1, theirs_out = -1;
};

Ends open_channel(Channel channel) {
  int a[2];
  int b[2];
  if (channel == Channel::pipes) {
    if (::pipe2(a, O_CLOEXEC) != 0) return {};
    if (::pipe2(b, O_CLOEXEC) != 0) {
      ::close(a[0]);
      ::close(a[1]);
      return {};
    }
    return {a[1], b[0], a[0], b[1]};
  }
  // One pair for each direction, as Node makes them.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a) != 0) return {};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b) != 0) {
    ::close(a[0]);
    ::close(a[1]);
    return {};
  }
  return {a[0], b[0], a[1], b[1]};
}

std::vector<std::string> make_environment(const std::vector<std::string>& settings) {
  const auto name_of = [](std::string_view line) { return line.substr(0, line.find('=')); };
  std::vector<std::string> out;
  for (char** line = environ; *line != nullptr; ++line) {
    const auto overruled = [&](const std::string& setting) {
      return name_of(setting) == name_of(*line);
    };
    if (std::none_of(settings.begin(), settings.end(), overruled)) out.emplace_back(*line);
  }
  const auto is_value = [](const std::string& line) { return line.find('=') != std::string::npos; };
  std::copy_if(settings.begin(), settings.end(), std::back_inserter(out), is_value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// posix_spawn, because a fork would first copy the page tables of the driver's large texts.
pid_t start(std::vector<std::string> words, std::vector<std::string> environment, const Ends& ends,
            bool keep_stderr) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends.theirs_in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends.theirs_out, STDOUT_FILENO);
  if (!keep_stderr) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  // The driver ignores SIGPIPE; its children must not inherit that.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int result = ::posix_spawnp(&pid, words.front().c_str(), &actions, &attributes,
                                    pointers(words).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return result == 0 ? pid : -1;
}

void set_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Whether it has ended by then. A pidfd gives the moment to the microsecond, without polling.
bool await_exit(pid_t pid, std::chrono::milliseconds patience) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return false;
  pollfd ready{fd, POLLIN, 0};
  const int count = ::poll(&ready, 1, static_cast<int>(patience.count()));
  ::close(fd);
  return count > 0;
}

}  // namespace

std::optional<Child> Child::spawn(const std::vector<std::string>& words,
                                  const std::vector<std::string>& settings, Channel channel,
                                  bool keep_stderr) {
  if (words.empty()) return std::nullopt;
  const auto ends = open_channel(channel);
  if (ends.ours_in < 0) return std::nullopt;
  const auto pid = start(words, make_environment(settings), ends, keep_stderr);
  ::close(ends.theirs_in);
  ::close(ends.theirs_out);
  set_non_blocking(ends.ours_in);
  set_non_blocking(ends.ours_out);
  Child child{pid, ends.ours_in, ends.ours_out};
  if (pid < 0) return std::nullopt;
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      in_{std::exchange(other.in_, -1)},
      out_{std::exchange(other.out_, -1)} {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(in_, other.in_);
  std::swap(out_, other.out_);
  return *this;
}

Child::~Child() {
  close_channel();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::close_channel() {
  if (in_ >= 0) ::close(in_);
  if (out_ >= 0) ::close(out_);
  in_ = out_ = -1;
}

// Only the input is closed: the bridge may still have something to say before it goes.
Ending Child::finish(std::chrono::milliseconds patience) {
  Ending ending;
  if (pid_ <= 0) return ending;
  const auto began = Clock::now();
  if (in_ >= 0) ::close(std::exchange(in_, -1));
  const bool in_time = await_exit(pid_, patience);
  ending.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (!in_time) ::kill(pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  ::wait4(std::exchange(pid_, -1), &status, 0, &usage);
  ending.clean = in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  ending.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  return ending;
}

}  // namespace bench
