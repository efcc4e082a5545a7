#include "sandbox/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "sandbox/chance.h"
#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {

World::World(std::uint64_t seed) : seed_(seed) {
  Chance chance(seed);
  build_infrastructure(*this, chance);
  failed_trace_ = build_traces(*this, chance);
  build_logs(*this, chance);
  build_alerts(*this, chance);
  build_rum(*this, chance);
  build_reading(*this);
}

const Service& World::service(std::string_view name) const {
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const Service& known) { return known.name == name; });
  return found == services.end() ? services.front() : *found;
}

double World::value(const Metric& metric, std::string_view service, Instant time) const {
  const std::uint64_t noise =
      mix(metric.name, mix(service, mix(seed_ ^ static_cast<std::uint64_t>(time / kMinute))));
  const double jitter = static_cast<double>(noise % 2001) / 1000.0 - 1.0;  // -1 ... 1
  const double hour = static_cast<double>(time % (24 * 60 * kMinute)) / (60.0 * kMinute);
  const double day = 1.0 + 0.25 * std::sin((hour - 8.0) / 24.0 * 6.283185307179586);
  const bool touched = service.empty() || service == "checkout-api" || service == "payments-api" ||
                       service == "payments-db" || service == "web-store";
  if (touched && time >= kDeployed && time <= kNow) {
    const double ramp = std::min(1.0, static_cast<double>(time - kDeployed) / (10.0 * kMinute));
    return (metric.base + (metric.affected - metric.base) * ramp) * (1.0 + 0.06 * jitter);
  }
  return metric.base * day * (1.0 + 0.06 * jitter);
}

std::string iso_time(Instant time) {
  using namespace std::chrono;
  const sys_time<milliseconds> point{milliseconds(time)};
  const auto midnight = floor<days>(point);
  const year_month_day date(midnight);
  const hh_mm_ss clock(point - midnight);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace dogpipe::sandbox
