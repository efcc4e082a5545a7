#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

enum class Channel { socketpair, pipes };

// How a child ended, and what it cost from first to last.
struct Ending {
  bool clean = false;  // by itself, with status 0
  double seconds = 0;  // from the end of its input to its exit
  double cpu_seconds = 0;
};

// A process of ours on two ends of a channel. Dropping it kills it.
class Child {
 public:
  // `words` is the command, `settings` are NAME=value lines put over the environment; a line
  // without '=' removes the name. Nothing when the program cannot be started.
  static std::optional<Child> spawn(const std::vector<std::string>& words,
                                    const std::vector<std::string>& settings, Channel channel,
                                    bool keep_stderr);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }
  int in() const { return in_; }    // to write to, non-blocking
  int out() const { return out_; }  // to read from, non-blocking

  // Ends its input, waits at most `patience`, then kills.
  Ending finish(std::chrono::milliseconds patience);

 private:
  Child(pid_t pid, int in, int out) : pid_{pid}, in_{in}, out_{out} {}
  void close_channel();

  pid_t pid_;
  int in_;
  int out_;
};

// What the kernel tells of a process. Sizes in KiB; all are 0 once it has gone.
namespace process {
double cpu_seconds(pid_t pid);  // of all its threads, the ended ones too
std::int64_t pss_kib(pid_t pid);
std::int64_t private_kib(pid_t pid);  // written to, and shared with nobody
std::int64_t rss_kib(pid_t pid);
std::int64_t peak_rss_kib(pid_t pid);
void forget_peak(pid_t pid);
}  // namespace process

}  // namespace bench
