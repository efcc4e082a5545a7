#include <algorithm>
#include <thread>

#include "aims.h"
#include "measure.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kExitPatience{10};
constexpr double kMs = 1000;

std::string start_metric(World world) {
  switch (world) {
    case World::system:
      return "start_system";
    case World::bundle:
      return "start_bundle";
    default:
      return "start";
  }
}

double seconds_since(Clock::time_point at) {
  return std::chrono::duration<double>(Clock::now() - at).count();
}

}  // namespace

Scale quick_scale() {
  Scale scale;
  scale.starts = 1;
  scale.load = std::chrono::milliseconds{200};
  scale.latency_calls = 500;
  scale.bulk_bytes = std::size_t{20} << 20;
  scale.idle = std::chrono::milliseconds{500};
  return scale;
}

bool Stand::wants(const std::string& metric) const {
  const auto is_it = [&](const Row& row) { return pairing_.prefix + metric == row.metric; };
  return std::any_of(rows().begin(), rows().end(), is_it);
}

std::string Stand::url() const {
  const auto port = std::to_string(tls() ? upstream_.https_port() : upstream_.http_port());
  const auto origin = (tls() ? "https://localhost:" : "http://127.0.0.1:") + port;
  return origin + std::string{path_of(pairing_.server)};
}

std::optional<Bridge> Stand::spawn() const {
  return Bridge::spawn(command_words(subject_, world_, trust_, url()),
                       environment(world_, trust_, home_), channel, keep_stderr, pairing_.host);
}

Trouble Stand::start(std::optional<Bridge>& bridge) const {
  bridge = spawn();
  if (!bridge) return "cannot be started";
  if (auto trouble = bridge->send_opening()) return trouble;
  if (auto trouble = bridge->await_opening()) return trouble;
  return bridge->confirm_opening();
}

Trouble Stand::start_and_end() const {
  std::optional<Bridge> bridge;
  if (auto trouble = start(bridge)) return trouble;
  bridge->host().child().finish(kExitPatience);
  return std::nullopt;
}

// Requests are counted up to the answer, CPU by the process's own clock at that moment: what it
// does afterwards, unasked, is paid for in the rows on calls and on idling.
Trouble measure_start(Stand& stand, const Scale& scale) {
  std::vector<double> wall, cpu, requests, exits;
  for (int i = 0; i < scale.starts; ++i) {
    const auto before = stand.upstream().stats();
    auto bridge = stand.spawn();
    if (!bridge) return "cannot be started";
    if (auto trouble = bridge->send_opening()) return trouble;
    if (auto trouble = bridge->await_opening()) return trouble;
    wall.push_back(seconds_since(bridge->spawned_at()) * kMs);
    cpu.push_back(bridge->cpu_seconds() * kMs);
    const auto after = stand.upstream().stats();
    requests.push_back(static_cast<double>(after.at_opening - before.requests));
    if (auto trouble = bridge->confirm_opening()) return trouble;
    const auto ending = bridge->host().child().finish(kExitPatience);
    if (!ending.clean && stand.subject().judged) return "did not end cleanly with its input";
    exits.push_back(ending.seconds * kMs);
  }
  const auto metric = start_metric(stand.world());
  stand.add(metric + "_ms", median(wall));
  stand.add(metric + "_cpu_ms", median(cpu));
  if (metric != "start") return std::nullopt;
  // The worst, not the usual one: a probe that is sent now and then is still sent.
  stand.add("start_requests", percentile(requests, 1));
  stand.add("exit_ms", median(exits));
  return std::nullopt;
}

// Twenty hosts of one user starting together: spawned first, then all spoken to.
Trouble measure_twenty(Stand& stand, const Scale&) {
  constexpr std::size_t kBridges = 20;
  constexpr std::chrono::milliseconds kSettling{300};
  std::vector<Bridge> bridges;
  const auto began = Clock::now();
  for (std::size_t i = 0; i < kBridges; ++i) {
    auto bridge = stand.spawn();
    if (!bridge) return "cannot be started";
    if (auto trouble = bridge->send_opening()) return trouble;
    bridges.push_back(std::move(*bridge));
  }
  for (auto& bridge : bridges) {
    if (auto trouble = bridge.await_opening()) return trouble;
  }
  stand.add("twenty_ms", seconds_since(began) * kMs);
  for (auto& bridge : bridges) {
    if (auto trouble = bridge.confirm_opening()) return trouble;
  }
  std::this_thread::sleep_for(kSettling);
  std::int64_t pss_kib = 0;
  for (const auto& bridge : bridges) pss_kib += process::pss_kib(bridge.pid());
  stand.add("twenty_pss_mb", static_cast<double>(pss_kib) / 1024);
  return std::nullopt;
}

// Nothing is said for a while. A bridge that wakes up by itself drains a laptop's battery.
Trouble measure_idle(Stand& stand, const Scale& scale) {
  constexpr std::chrono::milliseconds kSettling{400};
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;
  std::this_thread::sleep_for(kSettling);
  stand.add("idle_pss_mb", static_cast<double>(process::pss_kib(bridge->pid())) / 1024);
  // PSS depends on who else has the same libraries mapped; what is only its own does not.
  stand.add("idle_private_mb", static_cast<double>(process::private_kib(bridge->pid())) / 1024);
  stand.add("idle_rss_mb", static_cast<double>(process::rss_kib(bridge->pid())) / 1024);
  const auto cpu_before = bridge->cpu_seconds();
  const auto began = Clock::now();
  std::this_thread::sleep_for(scale.idle);
  const auto used = bridge->cpu_seconds() - cpu_before;
  stand.add("idle_cpu_us_s", used * 1e6 / seconds_since(began));
  return std::nullopt;
}

}  // namespace bench
