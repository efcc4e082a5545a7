#include "auth/worker_run.h"

#include <utility>

#include "base/log.h"

namespace dogpipe::auth {
namespace {

// No report is longer: whatever comes is not from a worker of ours.
constexpr std::size_t kLongestLine = 4u << 20;

Report unreachable(std::string what) {
  Report report;
  report.end = Report::End::unreachable;
  report.what = std::move(what);
  return report;
}

}  // namespace

WorkerRun::WorkerRun(event::Loop& loop, event::Spawner& spawner, const event::Command& worker,
                     const Errand& errand, OnReport on_report)
    : on_report_(std::move(on_report)), next_(loop, [this] { next(); }) {
  auto process = spawner.start(
      worker, write_errand(errand),
      {[this](std::string_view piece) { on_output(piece); },
       [this](int) { end(unreachable("the process that was to see to it ended unexpectedly")); }});
  if (process) {
    process_ = std::move(*process);
  } else {
    end(unreachable("no worker can be started: " + process.error().what));
  }
}

void WorkerRun::on_output(std::string_view piece) {
  if (lines_.size() + piece.size() > kLongestLine) return;
  lines_ += piece;
  next_.schedule();
}

void WorkerRun::end(Report last) {
  last_ = std::move(last);
  next_.schedule();
}

// One report a turn: the callee may destroy us.
void WorkerRun::next() {
  const auto end = lines_.find('\n');
  if (end == std::string::npos) {
    if (!last_) return;
    const OnReport on_report = std::move(on_report_);
    const Report last = std::move(*last_);
    return on_report(last);
  }
  const base::Secret line(lines_.substr(0, end));
  lines_.erase(0, end + 1);
  const auto report = read_report(line.reveal());
  if (!report) {
    base::log(base::LogLevel::debug, "a worker's report cannot be read: {}", report.error().what);
    return next_.schedule();
  }
  if (report->means == Report::Means::ended) {
    lines_.clear();
    const OnReport on_report = std::move(on_report_);
    return on_report(*report);
  }
  next_.schedule();
  on_report_(*report);
}

}  // namespace dogpipe::auth
