// The process that started us, seen ending although our standard input stays open (another of its
// children may hold the write end).
#pragma once

#include <functional>
#include <memory>

namespace dogpipe::event {

class UvLoop;

// Calls on_gone once when the parent process has ended. Costs nothing while it lives: the kernel
// reports the end through a descriptor (pidfd_open, Linux 5.3); elsewhere a look each second.
// Not prctl(PR_SET_PDEATHSIG), which fires when the *thread* that started us ends.
class ParentWatch {
 public:
  ParentWatch(UvLoop& loop, std::function<void()> on_gone);
  ~ParentWatch();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::event
