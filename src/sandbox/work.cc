#include "sandbox/work.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/methods.h"

namespace dogpipe::sandbox {
namespace {

constexpr int kProgressAtOnce = 256;

}  // namespace

Work::Work(Context& context, json::Value params, Post& post, std::function<void()> done)
    : context_(context),
      params_(params),
      wishes_(wishes_of(params)),
      post_(post),
      done_(std::move(done)),
      timer_(context.loop, [this] { step(); }) {}

void Work::begin(int rounds_before) {
  const auto each = static_cast<int>(wishes_["progress"].integer_or(0));
  before_ = wishes_["progress_restarts"].bool_or(false) ? 0 : rounds_before * each;
  const Milliseconds wait =
      context_.quirks.slow_calls + Milliseconds(wishes_["delay_ms"].integer_or(0));
  if (wait.count() > 0) {
    timer_.start(wait);
  } else {
    step();
  }
}

void Work::step() {
  if (report_progress()) done_();
}

// Whether all has been reported; else a timer goes on with it.
bool Work::report_progress() {
  const auto total = static_cast<int>(wishes_["progress"].integer_or(0));
  const json::Value token = params_["_meta"]["progressToken"];
  if (!token.exists() || progress_ >= total) return true;
  const Milliseconds pause(wishes_["progress_ms"].integer_or(0));
  const int last = pause.count() > 0 ? progress_ + 1 : std::min(total, progress_ + kProgressAtOnce);
  while (progress_ < last) {
    ++progress_;
    tell_progress(post_, token, before_ + progress_, before_ + total);
  }
  timer_.start(pause);
  return false;
}

void tell_progress(Post& post, json::Value token, std::int64_t progress, std::int64_t total) {
  post.tell(fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress","params":)"
                        R"({{"progressToken":{},"progress":{},"total":{}}}}})",
                        json::write(token), progress, total));
}

void tell_log_lines(const Voice& voice, json::Value wishes, std::string_view least_level) {
  if (least_level.empty() || !logs_at(least_level, "info")) return;
  const auto lines = wishes["log"].integer_or(0);
  for (std::int64_t i = 1; i <= lines; ++i) {
    json::Writer out;
    out.begin_object().member("level", "info").member("logger", "sandbox");
    out.member("data", fmt::format("line {} of {}", i, lines));
    voice(notification("notifications/message", out.end_object().take()));
  }
}

}  // namespace dogpipe::sandbox
