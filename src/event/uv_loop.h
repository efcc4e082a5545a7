// The real loop, on libuv.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

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

  // The rest is for event/ only.
  uv_loop_s* native();

  // What outlives its owner and ends by itself: a child process that was let go. Destroying it
  // closes its handles.
  class Lodger {
   public:
    Lodger() = default;
    Lodger(const Lodger&) = delete;
    Lodger& operator=(const Lodger&) = delete;
    virtual ~Lodger() = default;
  };
  // Keeps it until dismiss(), or until the loop goes. Does not keep run() from returning.
  void keep(std::unique_ptr<Lodger> lodger);
  void dismiss(const Lodger& lodger);
  std::size_t lodgers() const { return lodgers_.size(); }

 private:
  void timers_changed() override;

  struct Handles;
  std::unique_ptr<Handles> handles_;
  std::vector<std::unique_ptr<Lodger>> lodgers_;
};

}  // namespace dogpipe::event
