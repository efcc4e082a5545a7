#include "sandbox/world.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "sandbox/catalogue.h"

namespace dogpipe::sandbox {
namespace {

TEST_CASE("the same seed makes the same world, another one another") {
  const World one(3), same(3), other(4);
  CHECK(one.failed_trace() == same.failed_trace());
  CHECK(one.logs.size() == same.logs.size());
  CHECK(one.logs.front().id == same.logs.front().id);
  CHECK(one.failed_trace() != other.failed_trace());
}

TEST_CASE("what the world says in one place it says in every other") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const World world(seed);
    std::set<std::string> services, hosts, traces;
    for (const Service& service : world.services) services.insert(service.name);
    for (const Host& host : world.hosts) hosts.insert(host.name);
    for (const Service& service : world.services) {
      for (const std::string& called : service.calls) CHECK(services.count(called) == 1);
      for (const std::string& host : service.hosts) CHECK(hosts.count(host) == 1);
    }
    for (const Span& span : world.spans) {
      traces.insert(span.trace_id);
      CHECK(services.count(span.service) == 1);
      CHECK(hosts.count(span.host) == 1);
      CHECK(span.start <= kNow);
    }
    for (const Log& log : world.logs)
      CHECK((log.trace_id.empty() || traces.count(log.trace_id) == 1));
    for (const RumEvent& event : world.rum) CHECK(traces.count(event.trace_id) == 1);
    CHECK(std::any_of(world.spans.begin(), world.spans.end(), [&](const Span& span) {
      return span.trace_id == world.failed_trace() && span.error;
    }));
  }
}

TEST_CASE("metrics show the incident where it happens, and only there") {
  const World world(1);
  const auto connections = std::find_if(world.metrics.begin(), world.metrics.end(),
                                        [](auto& m) { return m.name == "postgresql.connections"; });
  REQUIRE(connections != world.metrics.end());
  CHECK(world.value(*connections, "payments-db", kDeployed - kMinute) < 60);
  CHECK(world.value(*connections, "payments-db", kNow) > 180);
  CHECK(world.value(*connections, "users-db", kNow) < 60);
}

TEST_CASE("times are written in ISO 8601") {
  CHECK(iso_time(kNow) == "2026-10-06T14:30:00.000Z");
  CHECK(iso_time(kDeployed + 7) == "2026-10-06T13:40:00.007Z");
}

TEST_CASE("toolsets choose the tools") {
  const World world(1);
  const Catalogue catalogue(world);
  CHECK(catalogue.select({{"classic"}, {}, {}}).size() == 15);
  CHECK(catalogue.select({{"classic"}, {"ask_docs"}, {}}).size() == 14);
  CHECK(catalogue.select({{"nothing"}, {}, {}}).empty());
  CHECK(catalogue.select({}).size() > 40);
  std::set<std::string> names;
  for (const Tool* tool : catalogue.select({{"all", "classic", "apm", "remote-actions"}, {}, {}})) {
    CHECK(names.insert(tool->name).second);
    CHECK(json::read(write_tool(*tool, tool->name)));
  }
}

}  // namespace
}  // namespace dogpipe::sandbox
