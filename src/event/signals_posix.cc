#include <uv.h>

#include <array>
#include <csignal>
#include <utility>

#include "event/signals.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

constexpr std::array<int, 3> kStopSignals = {SIGINT, SIGTERM, SIGHUP};

struct CloseSignal {
  void operator()(uv_signal_t* handle) const noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_signal_t*>(closed); });
  }
};

}  // namespace

struct StopSignals::Handles {
  std::array<std::unique_ptr<uv_signal_t, CloseSignal>, kStopSignals.size()> signals;
};

StopSignals::StopSignals(UvLoop& loop, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)), handles_(std::make_unique<Handles>()) {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    auto& handle = handles_->signals[i];
    handle.reset(new uv_signal_t);
    uv_signal_init(loop.native(), handle.get());
    handle->data = this;
    uv_signal_start(
        handle.get(),
        [](uv_signal_t* caught, int number) {
          static_cast<StopSignals*>(caught->data)->on_signal_(number);
        },
        kStopSignals[i]);
  }
}

StopSignals::~StopSignals() = default;

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace dogpipe::event
