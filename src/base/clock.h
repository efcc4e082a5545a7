// Times as the program measures them: monotonic, so that a changed wall clock moves no deadline.
#pragma once

#include <chrono>

namespace dogpipe::base {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

}  // namespace dogpipe::base
