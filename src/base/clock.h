// Times as the program measures them: monotonic, so that a changed wall clock moves no
// deadline.
#pragma once

#include <chrono>
#include <cstdint>

namespace dogpipe::base {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

// The wall clock, for what is compared with what others have written: seconds since 1970.
inline std::int64_t unix_seconds() {
  using namespace std::chrono;
  return floor<seconds>(system_clock::now()).time_since_epoch().count();
}

}  // namespace dogpipe::base
