// Signals that ask the program to leave.
#pragma once

#include <functional>
#include <memory>

namespace dogpipe::event {

class UvLoop;

// Calls on_signal(number) for SIGINT, SIGTERM and SIGHUP, for as long as it lives.
class StopSignals {
 public:
  StopSignals(UvLoop& loop, std::function<void(int)> on_signal);
  ~StopSignals();

 private:
  struct Handles;
  std::function<void(int)> on_signal_;
  std::unique_ptr<Handles> handles_;
};

// A write to a closed pipe becomes an error code instead of the end of the program.
void ignore_broken_pipes();

}  // namespace dogpipe::event
