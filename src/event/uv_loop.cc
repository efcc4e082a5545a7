#include "event/uv_loop.h"

#include <uv.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace dogpipe::event {

struct UvLoop::Handles {
  uv_loop_t loop;
  uv_timer_t timer;      // runs to the next deadline, or to an earlier one that was stopped since
  uv_prepare_t prepare;  // runs what was deferred, just before libuv waits
  uv_idle_t idle;        // active while something deferred is left: keeps libuv from waiting
  base::Time timer_due = base::Time::max();
};

UvLoop::UvLoop() : handles_(std::make_unique<Handles>()) {
  Handles& h = *handles_;
  uv_loop_init(&h.loop);
  uv_timer_init(&h.loop, &h.timer);
  uv_prepare_init(&h.loop, &h.prepare);
  uv_idle_init(&h.loop, &h.idle);
  h.timer.data = h.prepare.data = this;
  uv_prepare_start(&h.prepare, [](uv_prepare_t* handle) {
    auto& self = *static_cast<UvLoop*>(handle->data);
    if (self.run_deferred()) {
      uv_idle_start(&self.handles_->idle, [](uv_idle_t*) {});
    } else {
      uv_idle_stop(&self.handles_->idle);
    }
  });
}

UvLoop::~UvLoop() {
  lodgers_.clear();  // or uv_run() would wait for them
  Handles& h = *handles_;
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&h.timer), reinterpret_cast<uv_handle_t*>(&h.prepare),
        reinterpret_cast<uv_handle_t*>(&h.idle)}) {
    uv_close(handle, nullptr);
  }
  uv_run(&h.loop, UV_RUN_DEFAULT);  // lets the close callbacks run, those of pollers included
  [[maybe_unused]] const int left = uv_loop_close(&h.loop);
  assert(left == 0);
}

void UvLoop::run() { uv_run(&handles_->loop, UV_RUN_DEFAULT); }

void UvLoop::stop() { uv_stop(&handles_->loop); }

uv_loop_s* UvLoop::native() { return &handles_->loop; }

void UvLoop::keep(std::unique_ptr<Lodger> lodger) { lodgers_.push_back(std::move(lodger)); }

void UvLoop::dismiss(const Lodger& lodger) {
  std::erase_if(lodgers_, [&](const auto& kept) { return kept.get() == &lodger; });
}

void UvLoop::timers_changed() {
  Handles& h = *handles_;
  const base::Time due = next_due();
  if (due >= h.timer_due) return;  // it wakes in time, and looks again then
  h.timer_due = due;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now());
  uv_update_time(&h.loop);  // libuv counts from its own, cached time
  uv_timer_start(
      &h.timer,
      [](uv_timer_t* handle) {
        auto& self = *static_cast<UvLoop*>(handle->data);
        self.handles_->timer_due = base::Time::max();
        self.run_timers();
        if (self.next_due() != base::Time::max()) self.timers_changed();
      },
      static_cast<std::uint64_t>(std::max<std::int64_t>(wait.count(), 0)), 0);
}

}  // namespace dogpipe::event
