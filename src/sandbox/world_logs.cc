#include <fmt/format.h>

#include <algorithm>

#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {

void build_logs(World& world, Chance& chance) {
  const auto add = [&](Instant time, const std::string& service, std::string host,
                       const char* status, std::string message, const Span* span) {
    world.logs.push_back({"AZ" + chance.hex(22), time, service, std::move(host), status,
                          std::move(message), span == nullptr ? "" : span->trace_id,
                          span == nullptr ? "" : span->id});
  };
  for (const Span& span : world.spans) {
    const Instant end = span.start + span.duration_us / 1000;
    if (span.error) {
      add(end, span.service, span.host, "error", span.message, &span);
    } else if (span.http_status != 0) {
      add(end, span.service, span.host, "info",
          fmt::format("{} 200 in {} ms", span.resource, span.duration_us / 1000), &span);
    }
  }
  const Service& payments = world.service("payments-api");
  for (const std::string& host : payments.hosts) {
    add(kDeployed, "payments-api", host, "info",
        "Starting payments-api 4.18.0 (commit 9c1f2ab), pool maximum 100", nullptr);
  }
  for (Instant time = kDeployed + 2 * kMinute; time < kNow; time += 4 * kMinute) {
    const auto used = std::min<Instant>(100, 30 + (time - kDeployed) / kMinute * 12);
    add(time + chance.between(0, 20'000), "payments-api", chance.pick(payments.hosts), "warn",
        fmt::format("HikariPool-1 - Pool stats (total=100, active={}, idle={}, waiting={})", used,
                    100 - used, used == 100 ? chance.between(12, 60) : 0),
        nullptr);
  }
  for (Instant time = kAlerted - 2 * kMinute; time < kNow; time += 9 * kMinute) {
    add(time + chance.between(0, 9'000), "payments-db", "db-01", "error",
        "FATAL: remaining connection slots are reserved for superuser connections", nullptr);
  }
  for (int i = 0; i < 40; ++i) {
    add(kNow - chance.between(0, 180) * kMinute - chance.between(0, 59'000), "email-worker",
        "app-06", chance.percent(10) ? "warn" : "info",
        fmt::format("sent {} newsletters in {} s", chance.between(40, 900), chance.between(2, 40)),
        nullptr);
  }
  std::stable_sort(world.logs.begin(), world.logs.end(),
                   [](const Log& a, const Log& b) { return a.time > b.time; });
}

}  // namespace dogpipe::sandbox
