// The time that a request takes, and the progress that it reports meanwhile, as the argument
// `_sandbox` says.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "event/loop.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/post.h"

namespace dogpipe::sandbox {

// Destroying it stops it.
class Work {
 public:
  // `params` and `post` outlive it. `done` is called once, from begin() or later.
  Work(Context& context, json::Value params, Post& post, std::function<void()> done);
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // Progress goes on from what `rounds_before` reported.
  void begin(int rounds_before = 0);
  void stop() { timer_.stop(); }

 private:
  void step();
  bool report_progress();

  Context& context_;
  json::Value params_;
  json::Value wishes_;
  Post& post_;
  std::function<void()> done_;
  event::Timer timer_;
  int progress_ = 0;
  int before_ = 0;
};

// The log lines that a call wishes for, unless `least_level` is above them or empty.
using Voice = std::function<void(const std::string& json)>;
void tell_log_lines(const Voice& voice, json::Value wishes, std::string_view least_level);
void tell_progress(Post& post, json::Value token, std::int64_t progress, std::int64_t total);

}  // namespace dogpipe::sandbox
