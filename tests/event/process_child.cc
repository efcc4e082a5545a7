// The program that process_test.cc starts. The first argument says what it does.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

extern char** environ;

namespace {

// A pipe, in the eyes of its user: libuv makes it of two sockets.
const char* kind_of(int fd) {
  struct stat it {};
  struct stat null {};
  if (::fstat(fd, &it) != 0) return "closed";
  if (S_ISFIFO(it.st_mode) || S_ISSOCK(it.st_mode)) return "pipe";
  ::stat("/dev/null", &null);
  return S_ISCHR(it.st_mode) && it.st_rdev == null.st_rdev ? "null" : "else";
}

std::string read_input() {
  std::string text;
  char chunk[4096];
  for (ssize_t got; (got = ::read(0, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  return text;
}

std::string unusual_signals() {
  std::string found;
  sigset_t mask;
  ::sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (int i = 1; i < 32; ++i) {
    struct sigaction action {};
    if (::sigaction(i, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) {
      found += ' ' + std::to_string(i);
    }
    if (::sigismember(&mask, i) == 1) found += " blocked:" + std::to_string(i);
  }
  return found;
}

// All that a program can see of where it comes from.
void report(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) std::printf("argument %s\n", argv[i]);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    std::printf("variable %s\n", *variable);
  }
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) std::printf("descriptor %d %s\n", fd, kind_of(fd));
  }
  std::printf("signals%s\n", unusual_signals().c_str());
  std::printf("leads a session: %s\n", ::getsid(0) == ::getpid() ? "yes" : "no");
}

// Says its number, then stays until the file it is told of (a FIFO) has ended.
void hold(const char* path) {
  std::printf("%d\n", static_cast<int>(::getpid()));
  std::fflush(stdout);
  const int fd = ::open(path, O_RDONLY);
  char byte;
  while (::read(fd, &byte, 1) > 0) {
  }
}

void flood(std::size_t bytes) {
  const std::string line = std::string(99, 'x') + '\n';
  for (std::size_t sent = 0; sent < bytes; sent += line.size()) {
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "report") report(argc, argv);
  if (what == "input") {
    const std::string text = read_input();
    std::printf("%zu %zu", text.size(), std::hash<std::string>()(text));
  }
  if (what == "exit") return std::atoi(argv[2]);
  if (what == "die") ::raise(std::atoi(argv[2]));
  if (what == "hold") hold(argv[2]);
  if (what == "flood") flood(static_cast<std::size_t>(std::atol(argv[2])));
  if (what == "kinds") {
    std::ofstream(argv[2]) << kind_of(0) << ' ' << kind_of(1) << ' ' << kind_of(2);
  }
  if (what == "hold-and-flood") {
    hold(argv[2]);
    flood(1u << 20);
    std::ofstream(argv[3]) << "whole";
  }
  if (what == "hold-and-read") {
    hold(argv[2]);
    std::ofstream(argv[3]) << read_input();
  }
  return 0;
}
