#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {

void build_reading(World& world) {
  world.dashboards = {
      {"pay-7k2-m1x",
       "Payments",
       "jonas.weber",
       "Charges, pool, database",
       {"avg:payments.pool.in_use{service:payments-api}",
        "p95:payments.pool.wait{service:payments-api}", "avg:postgresql.connections{host:db-01}"}},
      {"chk-3q9-v8d",
       "Checkout overview",
       "mia.lindqvist",
       "Orders, revenue, errors",
       {"sum:checkout.orders{*}", "sum:checkout.revenue{*}",
        "sum:trace.http.request.errors{service:checkout-api}"}},
      {"hst-5c4-r2b",
       "Hosts",
       "aiko.tanaka",
       "CPU, memory, disk",
       {"avg:system.cpu.user{*} by {host}", "avg:system.mem.used{*} by {host}"}},
      {"srch-1n6-w0p",
       "Search",
       "tom.okafor",
       "Latency of search",
       {"p95:trace.http.request.duration{service:search-api}"}},
      {"rum-8j1-t5z",
       "Browser experience",
       "priya.nair",
       "Loading times, errors",
       {"p75:rum.view.loading_time{*}"}},
  };
  world.notebooks = {
      {90417, "IR-482: checkout and payments-db", "jonas.weber",
       "Timeline, pool graphs and the failed trace " + world.failed_trace() + "."},
      {90388, "Runbook: payments-db connections", "aiko.tanaka",
       "1. Look at postgresql.connections. 2. Find the service that holds them. 3. Roll back."},
      {90102, "Postmortem IR-471", "tom.okafor", "What happened to search, and what we changed."},
  };
  world.pages = {
      {"Log search syntax", "https://docs.datadoghq.com/logs/explorer/search_syntax/",
       "Use key:value for tags and @key:value for attributes. AND is implied; a minus excludes. An "
       "asterisk stands for any characters: service:web*."},
      {"Querying metrics", "https://docs.datadoghq.com/metrics/",
       "A query is an aggregation, a metric and a scope: avg:system.cpu.user{host:web-01} by "
       "{host}."},
      {"Connect logs and traces",
       "https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/",
       "Put the trace_id into every log line; the log then opens from the trace, and the other "
       "way."},
      {"Monitor types", "https://docs.datadoghq.com/monitors/types/",
       "Metric, anomaly, log, APM and composite monitors. Status is OK, Warn, Alert or No Data."},
      {"Database connections",
       "https://docs.datadoghq.com/database_monitoring/guide/pg_connections/",
       "When postgresql.connections reaches max_connections new clients are refused. Look for a "
       "client whose pool only grows."},
      {"Incident management", "https://docs.datadoghq.com/service_management/incident_management/",
       "Declare, investigate, resolve. Each incident has a severity, a commander and a timeline."},
      {"RUM error tracking", "https://docs.datadoghq.com/real_user_monitoring/error_tracking/",
       "Errors of browsers carry the trace_id of the request that failed."},
      {"Synthetic browser tests", "https://docs.datadoghq.com/synthetics/browser_tests/",
       "A journey of steps, run from many places; each step asserts what it sees."},
  };
}

}  // namespace dogpipe::sandbox
