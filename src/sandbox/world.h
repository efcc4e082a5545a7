// The made-up shop that every answer of the sandbox tells about, built once from the seed.
//
// It holds one story. At 13:40 payments-api 4.18.0 goes out with a connection leak; the pool of
// payments-db runs dry, checkouts fail, a monitor alerts, incident IR-482 opens, browsers see
// errors, a synthetic test fails. The same trace ids, hosts and services appear in logs, spans, RUM
// events, monitors and the incident, so that the story can be followed from any end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dogpipe::sandbox {

// Milliseconds since 1970.
using Instant = std::int64_t;

constexpr Instant kNow = 1791297000000;  // 2026-10-06T14:30:00Z, always
constexpr Instant kMinute = 60'000;
constexpr Instant kDeployed = kNow - 50 * kMinute;  // 13:40, the bad release
constexpr Instant kAlerted = kNow - 43 * kMinute;   // 13:47, the monitor
constexpr std::string_view kIncident = "IR-482";

struct Service {
  std::string name, team, language, type, version;
  std::vector<std::string> calls;  // other services
  std::vector<std::string> hosts;
};

struct Host {
  std::string name, cloud, zone, type;
  int cpu_percent;
};

struct Span {
  std::string trace_id, id, parent_id, service, operation, resource, host;
  Instant start;
  std::int64_t duration_us;
  bool error;
  int http_status;      // 0: none
  std::string message;  // of the error
};

struct Log {
  std::string id;
  Instant time;
  std::string service, host, status, message, trace_id, span_id;
};

struct Metric {
  std::string name, unit, type, description;
  double base;      // usual value
  double affected;  // value for checkout and payments while the incident lasts
};

struct Monitor {
  std::int64_t id;
  std::string name, type, status, query, service, team;
  Instant changed;
};

struct TimelineEntry {
  Instant time;
  std::string author, text;
};

struct Incident {
  std::string id, title, severity, state, commander, summary;
  std::vector<std::string> services;
  Instant created;
  Instant resolved;  // 0: still open
  std::vector<TimelineEntry> timeline;
};

struct Dashboard {
  std::string id, title, author, description;
  std::vector<std::string> queries;
};

struct Event {
  std::string id, title, text, source, service;
  Instant time;
};

struct RumEvent {
  std::string id, type, session_id, view, browser, country, message, trace_id;
  Instant time;
  std::int64_t duration_ms;
};

struct SyntheticTest {
  std::string id, name, type, status, url, message;
  int failed_runs;
};

struct Page {
  std::string title, url, text;
};

struct Notebook {
  std::int64_t id;
  std::string name, author, text;
};

class World {
 public:
  explicit World(std::uint64_t seed);

  std::vector<Service> services;
  std::vector<Host> hosts;
  std::vector<Span> spans;  // by start; the spans of a trace share trace_id
  std::vector<Log> logs;    // the latest first
  std::vector<Metric> metrics;
  std::vector<Monitor> monitors;
  std::vector<Incident> incidents;
  std::vector<Dashboard> dashboards;
  std::vector<Event> events;
  std::vector<RumEvent> rum;
  std::vector<SyntheticTest> synthetics;
  std::vector<Page> pages;
  std::vector<Notebook> notebooks;

  const Service& service(std::string_view name) const;
  // A checkout that failed: what an example shows.
  const std::string& failed_trace() const { return failed_trace_; }
  // The value of a metric, for a service or (empty) all, at a time. A pure function of the seed.
  double value(const Metric& metric, std::string_view service, Instant time) const;

 private:
  class Builder;

  std::uint64_t seed_;
  std::string failed_trace_;
};

// "2026-10-06T14:30:00.000Z"
std::string iso_time(Instant time);

}  // namespace dogpipe::sandbox
