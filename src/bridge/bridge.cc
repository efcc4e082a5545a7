#include "bridge/bridge.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "bridge/router.h"
#include "event/loop.h"
#include "event/stdio.h"
#include "rpc/lines.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

// Hosts send SIGTERM 2 s after they close our input, and SIGKILL 1 s after a SIGTERM.
constexpr base::Duration kDrainAtEndOfInput = 1500ms;
constexpr base::Duration kDrainAtSignal = 400ms;
constexpr base::Duration kLeaving = 300ms;   // for the request that ends the session
constexpr base::Duration kFlushing = 100ms;  // for what the host has not read yet
// What we write is held back at the server when the host reads slowly. Only errors of our own can
// still grow the queue; beyond this the host's input has to wait too.
constexpr std::size_t kMostQueuedBytes = 32u << 20;

}  // namespace

struct Bridge::State {
  enum class Phase { running, draining, leaving, flushing, over };

  State(event::UvLoop& uv_loop, http::Client& http_client, auth::Authorizer& authorizer,
        Settings settings)
      : loop(uv_loop),
        client(http_client),
        output(uv_loop, settings.output_fd,
               {[this] { client.hold(); }, [this] { on_room(); }, [this] { on_output_empty(); },
                [this](const base::Error& error) { on_output_broken(error); }}),
        router({uv_loop, http_client, authorizer, budget, std::move(settings.endpoint),
                settings.trust_hints},
               output,
               {settings.eras, settings.era_store, std::move(settings.mint),
                std::move(settings.server_name)},
               {[this] { on_idle(); }, [this] { on_incompatible(); }}),
        lines(settings.longest_line),
        deadline(uv_loop, [this] { on_deadline(); }),
        input(uv_loop, settings.input_fd,
              {[this](std::string_view data) { on_input(data); },
               [this](const base::Result<void>& end) { on_input_end(end); }}) {}

  void on_input(std::string_view data) {
    if (phase != Phase::running) return;
    lines.feed(data, [this](rpc::Line&& line) { router.on_line(std::move(line)); });
    if (output.queued_bytes() > kMostQueuedBytes) input.pause();
  }

  void on_input_end(const base::Result<void>& end) {
    if (phase != Phase::running) return;
    if (!end) base::log(base::LogLevel::warn, "{}", end.error().what);
    lines.finish([this](rpc::Line&& line) { router.on_line(std::move(line)); });
    drain(kDrainAtEndOfInput);
  }

  void drain(base::Duration patience) {
    if (phase != Phase::running) return;
    phase = Phase::draining;
    if (router.idle()) return leave();
    deadline.start(patience);
  }

  // The first time it only leaves less time: hosts close our input and send a signal at once.
  void stop() {
    if (std::exchange(stopped, true)) {
      if (phase < Phase::leaving) unanswered = router.unanswered();
      return end();
    }
    if (phase == Phase::running) return drain(kDrainAtSignal);
    if (phase == Phase::draining) deadline.start(kDrainAtSignal);
  }

  void leave() {
    if (phase >= Phase::leaving) return;
    phase = Phase::leaving;
    unanswered = router.unanswered();
    router.abandon();
    deadline.start(kLeaving);
    router.leave([this] { flush(); });
  }

  void flush() {
    if (phase >= Phase::flushing) return;
    phase = Phase::flushing;
    if (output.queued_bytes() == 0) return end();
    deadline.start(kFlushing);
  }

  void end() {
    phase = Phase::over;
    deadline.stop();
    loop.stop();
  }

  void on_deadline() {
    switch (phase) {
      case Phase::running:
      case Phase::over:
        return;
      case Phase::draining:
        return leave();
      case Phase::leaving:
        return flush();
      case Phase::flushing:
        return end();
    }
  }

  void on_idle() {
    if (phase == Phase::draining) leave();
  }
  void on_room() {
    client.release();
    input.resume();
  }
  void on_output_empty() {
    if (phase == Phase::flushing) end();
  }
  void on_output_broken(const base::Error& error) {
    // A host that has gone is no fault; a full disk is.
    output_failed = error.kind != base::Kind::cut;
    base::log(output_failed ? base::LogLevel::error : base::LogLevel::debug, "{}", error.what);
    client.release();  // nothing is left to wait for
    leave();
  }
  void on_incompatible() {
    base::log(base::LogLevel::error,
              "the server's new session speaks another revision of MCP: the host must start "
              "dogpipe anew");
    restart = true;
    drain(0ms);
  }

  event::UvLoop& loop;
  http::Client& client;
  RetryBudget budget;
  event::FdOutput output;
  Router router;
  rpc::Lines lines;
  event::Timer deadline;
  event::Input input;
  Phase phase = Phase::running;
  std::size_t unanswered = 0;
  bool restart = false;
  bool stopped = false;
  bool output_failed = false;
};

Bridge::Bridge(event::UvLoop& loop, http::Client& client, auth::Authorizer& authorizer,
               Settings settings)
    : state_(std::make_unique<State>(loop, client, authorizer, std::move(settings))) {}

Bridge::~Bridge() = default;

void Bridge::stop() { state_->stop(); }

bool Bridge::lost_work() const { return state_->unanswered > 0; }

bool Bridge::failed() const { return state_->restart || state_->output_failed; }

}  // namespace dogpipe::bridge
