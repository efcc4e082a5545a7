// The real loop, on libuv.
#pragma once

#include <memory>

#include "event/loop.h"

struct uv_loop_s;

namespace dogpipe::event {

class UvLoop final : public Loop {
 public:
  UvLoop();
  ~UvLoop() override;  // everything that watches through this loop must be gone before

  base::Time now() const override { return base::Clock::now(); }

  // Runs until stop() is called. May be called again.
  void run();
  void stop();

  uv_loop_s* native();  // for event/ only

 private:
  void timers_changed() override;

  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace dogpipe::event
