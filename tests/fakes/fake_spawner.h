// A Spawner that starts nothing and remembers everything.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/process.h"

namespace dogpipe::fakes {

class FakeSpawner final : public event::Spawner {
 public:
  struct Start {
    event::Command command;
    std::string input;
    Events events;
    bool held = true;  // the Process is there: not let go
  };

  base::Result<std::unique_ptr<event::Process>> start(const event::Command& command,
                                                      base::Secret input, Events events) override {
    if (refuses(command.program)) return base::Error{base::Kind::file, "refused by the test"};
    starts.push_back(
        std::make_unique<Start>(Start{command, std::string(input.reveal()), std::move(events)}));
    return std::unique_ptr<event::Process>(std::make_unique<Held>(*starts.back()));
  }

  // Ends the program of that number, if its Process is still there.
  void end(std::size_t number, int status) {
    Start& start = *starts.at(number);
    const auto tell = std::exchange(start.events.on_exit, nullptr);
    if (start.held && tell) tell(status);
  }
  // Lets that program write, as long as its Process is there.
  void say(std::size_t number, std::string_view text) {
    const auto tell = starts.at(number)->events.on_output;
    if (starts.at(number)->held && tell) tell(text);
  }
  // Programs that cannot be started.
  std::vector<std::string> refused;
  std::vector<std::unique_ptr<Start>> starts;

 private:
  struct Held final : event::Process {
    explicit Held(Start& of) : start(of) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() override { start.held = false; }
    Start& start;
  };

  bool refuses(const std::string& program) const {
    for (const std::string& one : refused) {
      if (one == program) return true;
    }
    return false;
  }
};

}  // namespace dogpipe::fakes
