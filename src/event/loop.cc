#include "event/loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dogpipe::event {
namespace {

// Tasks that keep deferring each other must not keep sockets from being looked at.
constexpr int kMostRounds = 16;

}  // namespace

bool Loop::run_round(std::vector<Deferred*>& waiting) {
  if (waiting.empty()) return false;
  running_.swap(waiting);
  // By index: a task may cancel a later one of this round, which leaves a null in its place.
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Deferred* next = std::exchange(running_[i], nullptr);
    if (next == nullptr) continue;
    next->scheduled_ = false;
    const auto task = next->task_;  // a copy: the task may destroy its Deferred
    task();
  }
  running_.clear();
  return true;
}

bool Loop::run_deferred() {
  for (int round = 0; round < kMostRounds; ++round) {
    if (!run_round(soon_) && !run_round(before_sleep_)) return false;
  }
  return !soon_.empty() || !before_sleep_.empty();
}

void Loop::run_timers() {
  const base::Time present = now();
  // Counted beforehand: a timer that starts itself again without delay waits for the next call.
  auto left = std::distance(timers_.begin(), timers_.upper_bound(present));
  for (; left > 0 && next_due() <= present; --left) {
    Timer* timer = timers_.begin()->second;
    timer->stop();
    const auto task = timer->task_;  // a copy: the task may destroy its Timer
    task();
  }
}

base::Time Loop::next_due() const {
  return timers_.empty() ? base::Time::max() : timers_.begin()->first;
}

void Deferred::schedule() {
  if (std::exchange(scheduled_, true)) return;
  (phase_ == Phase::soon ? loop_.soon_ : loop_.before_sleep_).push_back(this);
}

void Deferred::cancel() {
  if (!std::exchange(scheduled_, false)) return;
  for (auto* list : {&loop_.soon_, &loop_.before_sleep_}) {
    list->erase(std::remove(list->begin(), list->end(), this), list->end());
  }
  std::replace(loop_.running_.begin(), loop_.running_.end(), this, static_cast<Deferred*>(nullptr));
}

void Timer::start(base::Duration delay) {
  stop();
  const base::Time due = loop_.now() + delay;
  const bool first = due < loop_.next_due();
  place_ = loop_.timers_.emplace(due, this);
  running_ = true;
  if (first) loop_.timers_changed();
}

void Timer::stop() {
  if (!std::exchange(running_, false)) return;
  loop_.timers_.erase(place_);
}

}  // namespace dogpipe::event
