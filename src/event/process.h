// Starting other programs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::event {

class UvLoop;

struct Command {
  std::string program;                   // an absolute path; no search, no shell
  std::vector<std::string> arguments;    // after the program's own name
  std::vector<std::string> environment;  // all of it: NAME=value
};

// A program that has been started: in a session of its own, standard error to nowhere, no other
// descriptor of ours, no signal blocked or ignored. Destroying this lets go of it: it runs on,
// finds all of its input, may still write, and is reaped when it ends (by the system if the loop is
// gone by then). Nothing is reported any more.
class Process {
 public:
  virtual ~Process() = default;
};

class Spawner {
 public:
  struct Events {
    // What it writes to standard output, as it comes. Empty: its output goes to nowhere.
    std::function<void(std::string_view piece)> on_output;
    // It has ended and all its output has come: if on_output is set, not before every program to
    // which it gave its standard output has closed that. 128 + n for signal n. May destroy the
    // Process.
    std::function<void(int status)> on_exit;
  };

  virtual ~Spawner() = default;

  // `input` is all it finds on standard input, then the end; that it does not read all of it is no
  // error. Nothing is reported before this has returned. Errors: Kind::file, also for a program
  // that is not there or not executable.
  virtual base::Result<std::unique_ptr<Process>> start(const Command& command, base::Secret input,
                                                       Events events) = 0;
};

// On libuv. The loop must outlive every Process; those that were let go need no care. SIGPIPE must
// be ignored (event/signals.h).
class UvSpawner final : public Spawner {
 public:
  explicit UvSpawner(UvLoop& loop) : loop_(loop) {}
  base::Result<std::unique_ptr<Process>> start(const Command& command, base::Secret input,
                                               Events events) override;

 private:
  UvLoop& loop_;
};

}  // namespace dogpipe::event
