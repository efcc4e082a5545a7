// A worker at its errand, as the bridge that started it sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/errand.h"
#include "event/loop.h"
#include "event/process.h"

namespace dogpipe::auth {

// Owning is listening: when this goes, the worker goes on, and what it brings about is in the
// store.
class WorkerRun {
 public:
  // Called for each report, on turns of their own. The last one has Means::ended and comes in any
  // case, also when the worker could not be started or has died; then it may destroy this.
  using OnReport = std::function<void(const Report&)>;

  // Loop and spawner outlive it.
  WorkerRun(event::Loop& loop, event::Spawner& spawner, const event::Command& worker,
            const Errand& errand, OnReport on_report);
  WorkerRun(const WorkerRun&) = delete;
  WorkerRun& operator=(const WorkerRun&) = delete;

 private:
  void on_output(std::string_view piece);
  void next();
  void end(Report last);

  OnReport on_report_;
  std::string lines_;           // not reported yet
  std::optional<Report> last_;  // when nothing more can come
  event::Deferred next_;
  std::unique_ptr<event::Process> process_;
};

}  // namespace dogpipe::auth
