// A Loop whose clock the test moves.
#pragma once

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "event/loop.h"

namespace dogpipe::fakes {

class FakeLoop final : public event::Loop {
 public:
  base::Time now() const override { return now_; }

  // Runs what was deferred, until nothing is left.
  void turn() {
    for (int i = 0; i < kMostTurns; ++i) {
      if (!run_deferred()) return;
    }
    throw std::runtime_error("tasks defer each other without end");
  }

  // Lets time pass: timers run when they are due, one after the other, each in a turn of its own.
  void pass(base::Duration time) {
    const base::Time end = now_ + time;
    turn();
    for (int i = 0; next_due() <= end; ++i) {
      if (i == kMostTurns) throw std::runtime_error("timers start each other without end");
      now_ = std::max(now_, next_due());
      run_timers();
      turn();
    }
    now_ = end;
  }

  bool waits_for_a_timer() const { return next_due() != base::Time::max(); }
  // How long until the next timer is due.
  std::chrono::milliseconds next_wait() const {
    return std::chrono::ceil<std::chrono::milliseconds>(next_due() - now_);
  }

 private:
  static constexpr int kMostTurns = 10'000;

  void timers_changed() override {}

  base::Time now_{std::chrono::hours(1)};
};

}  // namespace dogpipe::fakes
