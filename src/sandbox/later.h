// Things to do after a while.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "base/clock.h"
#include "event/loop.h"

namespace dogpipe::sandbox {

// Dropping it forgets all that has not been done.
class Later {
 public:
  explicit Later(event::Loop& loop) : loop_(loop) {}

  // Calls `task` on a later turn, after `delay` or at once.
  void after(base::Duration delay, std::function<void()> task) {
    const auto place = timers_.emplace(timers_.end());
    *place = std::make_unique<event::Timer>(loop_, [this, place, task = std::move(task)] {
      const auto run = task;
      timers_.erase(place);
      run();
    });
    (*place)->start(delay);
  }

 private:
  event::Loop& loop_;
  std::list<std::unique_ptr<event::Timer>> timers_;
};

}  // namespace dogpipe::sandbox
