// How long to wait before trying again: random up to a bound that doubles ("full jitter"), so that
// twenty bridges that lost one server do not come back in step.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

#include "base/clock.h"

namespace dogpipe::bridge {

class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds least, Milliseconds first_bound, Milliseconds most)
      : least_(least), first_bound_(first_bound), most_(most), bound_(first_bound) {}

  Milliseconds next() {
    // Seeded only here: each call has a Backoff, few ever wait, and a seed costs 10 us.
    if (!random_) random_.emplace(std::random_device{}());
    std::uniform_int_distribution<Milliseconds::rep> spread(least_.count(), bound_.count());
    bound_ = std::min(bound_ * 2, most_);
    return Milliseconds(spread(*random_));
  }
  void reset() { bound_ = first_bound_; }

 private:
  Milliseconds least_;
  Milliseconds first_bound_;
  Milliseconds most_;
  Milliseconds bound_;
  std::optional<std::minstd_rand> random_;
};

}  // namespace dogpipe::bridge
