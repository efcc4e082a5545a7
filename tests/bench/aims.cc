#include "aims.h"

#include <fmt/format.h>

#include <cmath>

namespace bench {
namespace {

using Kind = Aim::Kind;

constexpr Aim kNone{};

constexpr Aim at_most(double ratio) { return {Kind::ratio_at_most, ratio, ""}; }
constexpr Aim at_least(double ratio) { return {Kind::ratio_at_least, ratio, ""}; }
constexpr Aim value_at_most(double value) { return {Kind::value_at_most, value, ""}; }

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      {"start_ms", "cold start: spawn to initialize answered", "ms", 2, at_most(1.2)},
      {"start_cpu_ms", "  CPU until then", "ms", 2, kNone},
      {"start_requests", "  HTTP requests until then", "", 0, {Kind::value_is, 1, ""}},
      {"start_system_ms",
       "  trusting a directory of system certificates",
       "ms",
       2,
       {Kind::own_at_most, 1.15, "start_ms"}},
      {"start_system_cpu_ms", "    CPU until then", "ms", 2, kNone},
      {"start_bundle_ms", "  trusting one file of system certificates", "ms", 2, kNone},
      {"exit_ms", "end of input to exit", "ms", 2, kNone},
      {"twenty_ms", "20 at once: all ready", "ms", 1, kNone},
      {"twenty_pss_mb", "  PSS in total", "MB", 1, kNone},
      {"idle_pss_mb", "idle PSS", "MB", 2, at_most(1.25)},
      {"idle_private_mb", "idle private memory", "MB", 2, kNone},
      {"idle_rss_mb", "idle RSS", "MB", 2, kNone},
      {"idle_cpu_us_s", "idle CPU", "us/s", 0, kNone},
      {"loaded_pss_mb", "PSS after the calls below", "MB", 2, kNone},
      {"direct_p50_us", "sequential call, without a bridge, p50", "us", 1, kNone},
      {"latency_p50_us", "  p50", "us", 1, kNone},
      {"latency_p99_us", "  p99", "us", 1, kNone},
      {"added_p50_us", "  added p50", "us", 1, kNone},
      {"calls_s_1", "calls/s, 1 in flight", "/s", 0, kNone},
      {"calls_s_8", "  8", "/s", 0, kNone},
      {"calls_s_64", "  64", "/s", 0, at_least(0.8)},
      {"calls_s_512", "  512", "/s", 0, kNone},
      {"calls_s_64_sse", "  64, answered as SSE", "/s", 0, kNone},
      {"call_cpu_us_1", "CPU per call, 1 in flight", "us", 2, kNone},
      {"call_cpu_us_8", "  8", "us", 2, kNone},
      {"call_cpu_us_64", "  64", "us", 2, at_most(1.3)},
      {"call_cpu_us_512", "  512", "us", 2, kNone},
      {"call_cpu_us_64_sse", "  64, answered as SSE", "us", 2, kNone},
      {"upstream_cpu_us_64", "  (of the server meanwhile, 64)", "us", 2, kNone},
      {"bulk_json_100k", "results as JSON, 100 KB", "MB/s", 0, kNone},
      {"bulk_json_1m", "  1 MB", "MB/s", 0, kNone},
      {"bulk_json_10m", "  10 MB", "MB/s", 0, at_least(0.6)},
      {"bulk_json_64m", "  64 MB", "MB/s", 0, kNone},
      {"bulk_sse_100k", "results as SSE, 100 KB", "MB/s", 0, kNone},
      {"bulk_sse_1m", "  1 MB", "MB/s", 0, kNone},
      {"bulk_sse_10m", "  10 MB", "MB/s", 0, at_least(0.6)},
      {"bulk_sse_64m", "  64 MB", "MB/s", 0, kNone},
      {"bulk_cpu_json_10m", "CPU per MB, 10 MB JSON", "ms", 3, kNone},
      {"bulk_cpu_sse_10m", "CPU per MB, 10 MB SSE", "ms", 3, kNone},
      {"peak_rss_mb_json", "peak RSS in a 64 MB result, JSON", "MB", 1, kNone},
      {"peak_growth_x_json", "  growth / payload", "x", 2, value_at_most(1.1)},
      {"peak_rss_mb_sse", "peak RSS in a 64 MB result, SSE", "MB", 1, kNone},
      {"peak_growth_x_sse", "  growth / payload", "x", 2, value_at_most(1.1)},
      {"waiting_first_x", "100 calls of 200 ms, first burst / 200 ms", "x", 3, value_at_most(1.06)},
      {"waiting_x", "  second burst / 200 ms", "x", 3, value_at_most(1.05)},
      {"progress_delivered", "progress events, all in order", "", 0, {Kind::value_is, 100'000, ""}},
      {"progress_s", "  events/s", "/s", 0, kNone},
      {"progress_cpu_us", "  CPU per event", "us", 3, kNone},
      {"progress_growth_mb", "  memory growth at peak", "MB", 2, value_at_most(1)},
      {"modern_start_ms", "2026-07-28: spawn to tools/list answered", "ms", 2, kNone},
      {"modern_start_cpu_ms", "  CPU until then", "ms", 2, kNone},
      {"modern_start_requests", "  HTTP requests until then", "", 0, {Kind::value_is, 1, ""}},
      {"modern_calls_s_64", "2026-07-28: calls/s, 64 in flight", "/s", 0, kNone},
      {"modern_call_cpu_us_64", "  CPU per call", "us", 2, kNone},
      {"modern_bulk_json_10m", "2026-07-28: results of 10 MB, JSON", "MB/s", 0, kNone},
      {"modern_bulk_sse_10m", "  SSE", "MB/s", 0, kNone},
      {"modern_bulk_cpu_json_10m", "  CPU per MB, JSON", "ms", 3, kNone},
      {"modern_bulk_cpu_sse_10m", "  CPU per MB, SSE", "ms", 3, kNone},
      // Beside the floor on the host's wire, which has nothing to translate.
      {"ascent_call_cpu_us_64", "legacy host, 2026-07-28 server: CPU per call", "us", 2, kNone},
      {"descent_call_cpu_us_64", "2026-07-28 host, legacy server: CPU per call", "us", 2, kNone},
  };
  return kRows;
}

std::string aim_text(const Aim& aim) {
  switch (aim.kind) {
    case Kind::none:
      return "";
    case Kind::ratio_at_most:
      return fmt::format("<= {} x floor", aim.limit);
    case Kind::ratio_at_least:
      return fmt::format(">= {} x floor", aim.limit);
    case Kind::value_at_most:
      return fmt::format("<= {}", aim.limit);
    case Kind::value_is:
      return fmt::format("{}", aim.limit);
    case Kind::own_at_most:
      return fmt::format("<= {} x one CA", aim.limit);
  }
  return "";
}

Verdict judge(const Row& row, const std::string& prefix, const Results& results,
              const std::string& floor, const std::string& judged) {
  const auto value = results.value(judged, prefix + row.metric);
  const auto of_floor = results.value(floor, prefix + row.metric);
  if (std::isnan(value)) return Verdict::none;
  const auto say = [](bool met) { return met ? Verdict::met : Verdict::missed; };
  switch (row.aim.kind) {
    case Kind::none:
      return Verdict::none;
    case Kind::ratio_at_most:
      return say(value <= row.aim.limit * of_floor);
    case Kind::ratio_at_least:
      return say(value >= row.aim.limit * of_floor);
    case Kind::value_at_most:
      return say(value <= row.aim.limit);
    case Kind::value_is:
      return say(std::abs(value - row.aim.limit) < 1e-9);
    case Kind::own_at_most:
      return say(value <= row.aim.limit * results.value(judged, prefix + row.aim.own));
  }
  return Verdict::none;
}

}  // namespace bench
