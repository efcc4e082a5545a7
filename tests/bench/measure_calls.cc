#include <algorithm>

#include "direct.h"
#include "measure.h"

namespace bench {
namespace {

double seconds_since(Clock::time_point at) {
  return std::chrono::duration<double>(Clock::now() - at).count();
}

// Small calls, always `window_` of them in flight, every answer checked.
class Load {
 public:
  Load(Bridge& bridge, std::size_t window, bool as_events)
      : bridge_{bridge}, window_{window}, as_events_{as_events} {}

  Trouble run(std::chrono::milliseconds time);
  std::uint64_t calls() const { return asked_; }
  double seconds() const { return seconds_; }
  double cpu_seconds() const { return cpu_seconds_; }

 private:
  void ask(std::size_t count);
  Trouble take_answers(std::size_t& count);

  Bridge& bridge_;
  std::size_t window_;
  bool as_events_;
  std::uint64_t first_id_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  std::vector<bool> seen_;  // by id - first_id_
  std::string requests_;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
};

// Requests are gathered and leave in one write, as those of a busy host do.
void Load::ask(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = bridge_.take_id();
    if (asked_++ == 0) first_id_ = id;
    append_echo(requests_, id, as_events_, bridge_.era());
  }
  seen_.resize(asked_);
}

// Answers may come in any order, each of them once.
Trouble Load::take_answers(std::size_t& count) {
  while (const auto line = bridge_.host().take_line()) {
    const auto id = message_id(*line);
    if (!id) continue;  // a notification
    const auto index = *id - first_id_;
    if (*id < first_id_ || index >= asked_) return "answered what was not asked";
    if (seen_[index]) return "answered a call twice";
    if (!answers_echo(*line, *id)) return "wrong answer: " + std::string{line->substr(0, 200)};
    seen_[index] = true;
    ++count;
  }
  return std::nullopt;
}

// Goes on for `time`, then takes in what is still in flight.
Trouble Load::run(std::chrono::milliseconds time) {
  const auto cpu_before = bridge_.cpu_seconds();
  const auto began = Clock::now();
  const auto until = began + time;
  const auto deadline = patience() + time;
  ask(window_);
  while (answered_ < asked_) {  // bounded by the deadline of fill()
    if (!bridge_.host().send(requests_, deadline)) return "went away under load";
    requests_.clear();
    if (!bridge_.host().fill(deadline)) return "lost calls under load";
    std::size_t fresh = 0;
    if (auto trouble = take_answers(fresh)) return trouble;
    answered_ += fresh;
    if (Clock::now() < until) ask(fresh);
  }
  seconds_ = seconds_since(began);
  cpu_seconds_ = bridge_.cpu_seconds() - cpu_before;
  return std::nullopt;
}

Trouble time_direct(Direct& direct, int calls, std::vector<double>& into_us) {
  std::string request;
  append_echo(request, 1, false, Era::legacy);
  for (int i = 0; i < calls; ++i) {
    const auto began = Clock::now();
    if (direct.post(request).empty()) return "the server cannot be reached directly";
    into_us.push_back(seconds_since(began) * 1e6);
  }
  return std::nullopt;
}

Trouble time_bridged(Bridge& bridge, int calls, std::vector<double>& into_us) {
  const std::string_view arguments = R"("arguments":{"text":"one at a time"})";
  for (int i = 0; i < calls; ++i) {
    std::string_view line;
    const auto began = Clock::now();
    if (auto trouble = bridge.call(arguments, line)) return trouble;
    into_us.push_back(seconds_since(began) * 1e6);
    if (!is_result(line)) return "wrong answer: " + std::string{line.substr(0, 200)};
  }
  return std::nullopt;
}

}  // namespace

Trouble measure_calls(Stand& stand, const Scale& scale) {
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;

  struct Setting {
    const char* name;
    std::size_t window;
    bool as_events;
  };
  for (const auto& setting :
       {Setting{"1", 1, false}, Setting{"8", 8, false}, Setting{"64", 64, false},
        Setting{"512", 512, false}, Setting{"64_sse", 64, true}}) {
    const std::string name = setting.name;
    if (!stand.wants("call_cpu_us_" + name)) continue;
    // Warmed up first: what is measured is a bridge that has its connections.
    if (auto trouble = Load{*bridge, setting.window, setting.as_events}.run(scale.load / 4)) {
      return trouble;
    }
    Load load{*bridge, setting.window, setting.as_events};
    const auto upstream_before = stand.upstream().cpu_seconds();
    if (auto trouble = load.run(scale.load)) return trouble;
    const auto upstream_cpu = stand.upstream().cpu_seconds() - upstream_before;
    const auto calls = static_cast<double>(load.calls());
    stand.add("calls_s_" + name, calls / load.seconds());
    stand.add("call_cpu_us_" + name, load.cpu_seconds() * 1e6 / calls);
    stand.add("upstream_cpu_us_" + name, upstream_cpu * 1e6 / calls);
  }
  stand.add("loaded_pss_mb", static_cast<double>(process::pss_kib(bridge->pid())) / 1024);
  return std::nullopt;
}

Trouble measure_latency(Stand& stand, const Scale& scale) {
  const auto port = stand.tls() ? stand.upstream().https_port() : stand.upstream().http_port();
  Direct direct{port, stand.tls()};
  if (!direct.open_session()) return "the server cannot be reached directly";
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;

  // In turns, since how fast one process wakes the other differs from one second to the next.
  constexpr int kTurns = 10;
  const int calls_a_turn = std::max(1, scale.latency_calls / kTurns);
  std::vector<double> direct_us, bridged_us;
  for (int turn = 0; turn < kTurns; ++turn) {
    if (auto trouble = time_direct(direct, calls_a_turn, direct_us)) return trouble;
    if (auto trouble = time_bridged(*bridge, calls_a_turn, bridged_us)) return trouble;
  }
  stand.add("direct_p50_us", median(direct_us));
  stand.add("latency_p50_us", median(bridged_us));
  stand.add("latency_p99_us", percentile(bridged_us, 0.99));
  stand.add("added_p50_us", median(bridged_us) - median(direct_us));
  return std::nullopt;
}

// A hundred slow calls at once: how long they take together, against how long one takes.
// The first burst finds a bridge with one connection, the second one with all it wants.
Trouble measure_waiting_calls(Stand& stand, const Scale&) {
  constexpr int kCalls = 100;
  constexpr double kDelaySeconds = 0.2;
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;
  for (const char* metric : {"waiting_first_x", "waiting_x"}) {
    std::string requests;
    for (int i = 0; i < kCalls; ++i) {
      append_call(requests, bridge->take_id(), R"("arguments":{"text":"w","delay_ms":200})",
                  bridge->era());
    }
    const auto began = Clock::now();
    const auto deadline = patience();
    if (!bridge->host().send(requests, deadline)) return "went away under waiting calls";
    for (int answered = 0; answered < kCalls;) {  // bounded by the deadline of fill()
      if (!bridge->host().fill(deadline)) return "lost waiting calls";
      while (const auto line = bridge->host().take_line()) answered += is_result(*line) ? 1 : 0;
    }
    stand.add(metric, seconds_since(began) / kDelaySeconds);
  }
  return std::nullopt;
}

}  // namespace bench
