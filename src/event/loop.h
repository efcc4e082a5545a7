// The loop as the program sees it: a clock, timers, and tasks for later in the turn.
//
// Every flow of the program is driven by one Loop on one thread. The real one is UvLoop
// (event/uv_loop.h); tests drive a Loop with a clock of their own.
//
// Owning is running: a Timer or Deferred that is destroyed is cancelled and its function is not
// called. A function may destroy its own Timer or Deferred.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace dogpipe::event {

class Deferred;
class Timer;

class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  virtual base::Time now() const = 0;

 protected:
  // Calls what was deferred, and what that defers, up to a bound. Returns whether some is left.
  bool run_deferred();
  // Calls every timer that is due.
  void run_timers();
  // When the next timer is due; base::Time::max() when none runs.
  base::Time next_due() const;
  // The next deadline has moved forward.
  virtual void timers_changed() = 0;

 private:
  friend class Deferred;
  friend class Timer;

  using Timers = std::multimap<base::Time, Timer*>;

  bool run_round(std::vector<Deferred*>& waiting);

  Timers timers_;
  std::vector<Deferred*> soon_;
  std::vector<Deferred*> before_sleep_;
  std::vector<Deferred*> running_;  // the round that run_round() is in the middle of
};

// When in a turn a Deferred runs: as soon as the present call has returned to the loop, or after
// everything else, just before the loop would wait (one write for all that a turn produced).
enum class Phase { soon, before_sleep };

class Deferred {
 public:
  Deferred(Loop& loop, std::function<void()> task, Phase phase = Phase::soon)
      : loop_(loop), task_(std::move(task)), phase_(phase) {}
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  ~Deferred() { cancel(); }

  // Calls the task once; a second schedule() before that changes nothing.
  void schedule();
  void cancel();
  bool scheduled() const { return scheduled_; }

 private:
  friend class Loop;

  Loop& loop_;
  std::function<void()> task_;
  Phase phase_;
  bool scheduled_ = false;
};

class Timer {
 public:
  Timer(Loop& loop, std::function<void()> task) : loop_(loop), task_(std::move(task)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  // Calls the task once after `delay`; a running timer starts anew.
  void start(base::Duration delay);
  void stop();
  bool running() const { return running_; }

 private:
  friend class Loop;

  Loop& loop_;
  std::function<void()> task_;
  Loop::Timers::iterator place_;
  bool running_ = false;
};

}  // namespace dogpipe::event
