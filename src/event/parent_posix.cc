#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "event/loop.h"
#include "event/parent.h"
#include "event/poll.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

using namespace std::chrono_literals;

int open_pidfd([[maybe_unused]] pid_t pid) {
#ifdef SYS_pidfd_open
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
#else
  return -1;
#endif
}

}  // namespace

struct ParentWatch::State {
  State(UvLoop& loop, std::function<void()> handler)
      : on_gone(std::move(handler)), parent(::getppid()), look_again(loop, [this] { look(); }) {
    if (parent <= 1) return;  // started by init, or already an orphan
    pidfd = open_pidfd(parent);
    if (pidfd >= 0) {
      auto made = Poll::make(loop, pidfd, [this](unsigned, bool) { report(); });
      if (made) {
        poll = std::move(*made);
        poll->watch(kReadable);
        // It may have ended between getppid() and here, and its number may be somebody else's.
        if (::getppid() == parent) return;
      }
    }
    look_again.start(0s);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    poll.reset();
    if (pidfd >= 0) ::close(pidfd);
  }

  void look() {
    if (::getppid() != parent) return report();
    look_again.start(1s);
  }
  void report() {
    if (poll) poll->watch(0);
    const auto tell = on_gone;
    tell();
  }

  std::function<void()> on_gone;
  pid_t parent;
  int pidfd = -1;
  std::unique_ptr<Poll> poll;
  Timer look_again;
};

ParentWatch::ParentWatch(UvLoop& loop, std::function<void()> on_gone)
    : state_(std::make_unique<State>(loop, std::move(on_gone))) {}

ParentWatch::~ParentWatch() = default;

}  // namespace dogpipe::event
