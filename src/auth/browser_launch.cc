#include <chrono>
#include <utility>

#include "auth/browser.h"

namespace dogpipe::auth {
namespace {

constexpr auto kLongEnough = std::chrono::seconds(2);

}  // namespace

struct BrowserLaunch::State {
  State(event::Loop& loop, event::Spawner& by, std::vector<event::Command> all,
        std::function<void(bool)> told)
      : spawner(by),
        commands(std::move(all)),
        done(std::move(told)),
        next(loop, [this] { try_next(); }),
        stays(loop, [this] { finish(true); }) {
    next.schedule();
  }

  void try_next() {
    process.reset();
    if (tried == commands.size()) return finish(false);
    const event::Command& command = commands[tried++];
    auto started =
        spawner.start(command, base::Secret(), {nullptr, [this](int status) { on_exit(status); }});
    if (!started) return next.schedule();
    process = *std::move(started);
    stays.start(kLongEnough);
  }

  void on_exit(int status) {
    stays.stop();
    if (status == 0) return finish(true);
    next.schedule();  // not from within the call of a Process that goes
  }

  void finish(bool opened) {
    process.reset();
    const auto tell = std::exchange(done, nullptr);
    if (tell) tell(opened);
  }

  event::Spawner& spawner;
  std::vector<event::Command> commands;
  std::size_t tried = 0;
  std::function<void(bool)> done;
  std::unique_ptr<event::Process> process;
  event::Deferred next;
  event::Timer stays;
};

BrowserLaunch::BrowserLaunch(event::Loop& loop, event::Spawner& spawner,
                             std::vector<event::Command> commands,
                             std::function<void(bool opened)> done)
    : state_(std::make_unique<State>(loop, spawner, std::move(commands), std::move(done))) {}

BrowserLaunch::~BrowserLaunch() = default;

}  // namespace dogpipe::auth
