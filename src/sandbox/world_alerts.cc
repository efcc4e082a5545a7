#include <fmt/format.h>

#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {
namespace {

void build_monitors(World& world) {
  world.monitors = {
      {48211, "Checkout error rate above 5 %", "trace-analytics alert", "Alert",
       "sum(last_5m):trace.http.request.errors{service:checkout-api} > 50", "checkout-api",
       "checkout", kAlerted},
      {48212, "payments-db connections exhausted", "metric alert", "Alert",
       "avg(last_5m):postgresql.connections{host:db-01} > 190", "payments-db", "payments",
       kAlerted - 3 * kMinute},
      {48213, "payments-api pool wait", "metric alert", "Alert",
       "p95(last_5m):payments.pool.wait{service:payments-api} > 2", "payments-api", "payments",
       kAlerted - 2 * kMinute},
      {48214, "Orders per minute anomaly", "metric alert", "Warn",
       "avg(last_15m):anomalies(checkout.orders{*}, 'agile', 3) >= 1", "checkout-api", "checkout",
       kAlerted + 6 * kMinute},
      {48215, "High CPU on database hosts", "metric alert", "Warn",
       "avg(last_10m):system.cpu.user{host:db-*} > 90", "payments-db", "platform",
       kAlerted + 9 * kMinute},
      {48216, "Search latency", "metric alert", "OK",
       "p95(last_10m):trace.http.request.duration{service:search-api} > 1", "search-api",
       "discovery", kNow - 26 * 60 * kMinute},
      {48217, "Login failures", "log alert", "OK",
       "logs(\"service:auth-api status:error\").last(\"5m\") > 20", "auth-api", "identity",
       kNow - 74 * 60 * kMinute},
      {48218, "Newsletter queue is stuck", "metric alert", "No Data",
       "avg(last_1h):kafka.consumer.lag{service:email-worker} > 10000", "email-worker", "growth",
       kNow - 9 * 60 * kMinute},
  };
}

void build_incidents(World& world) {
  const std::string& trace = world.failed_trace();
  Incident now{.id = std::string(kIncident),
               .title = "Checkout fails: payments-db out of connections",
               .severity = "SEV-2",
               .state = "active",
               .commander = "mia.lindqvist@example.com",
               .summary =
                   "Three in four checkouts fail since payments-api 4.18.0. The service leaks "
                   "connections, payments-db (db-01) has none left.",
               .services = {"checkout-api", "payments-api", "payments-db", "web-store"},
               .created = kAlerted + 2 * kMinute,
               .resolved = 0,
               .timeline = {}};
  now.timeline = {
      {kAlerted, "monitor 48211", "Checkout error rate above 5 % went to Alert"},
      {kAlerted + 2 * kMinute, "mia.lindqvist", "Declared SEV-2. Customers cannot pay."},
      {kAlerted + 9 * kMinute, "jonas.weber",
       fmt::format("Trace {} shows payments-api waiting 5 s for a connection.", trace)},
      {kAlerted + 16 * kMinute, "aiko.tanaka", "payments-api 4.18.0 went out at 13:40. Suspect."},
      {kAlerted + 31 * kMinute, "jonas.weber",
       "Leak found in the refund path. Preparing a rollback."},
  };
  Incident old{.id = "IR-471",
               .title = "Search slow after index rebuild",
               .severity = "SEV-3",
               .state = "resolved",
               .commander = "tom.okafor@example.com",
               .summary = "The rebuild took the cache with it; warm again after 50 minutes.",
               .services = {"search-api", "catalog-db"},
               .created = kNow - 6 * 24 * 60 * kMinute,
               .resolved = kNow - 6 * 24 * 60 * kMinute + 50 * kMinute,
               .timeline = {}};
  old.timeline = {{old.created, "tom.okafor", "Declared SEV-3."},
                  {old.resolved, "tom.okafor", "Resolved: latency is back to normal."}};
  Incident older{.id = "IR-463",
                 .title = "Login codes delayed",
                 .severity = "SEV-4",
                 .state = "resolved",
                 .commander = "priya.nair@example.com",
                 .summary = "The mail provider throttled us.",
                 .services = {"email-worker", "auth-api"},
                 .created = kNow - 19 * 24 * 60 * kMinute,
                 .resolved = kNow - 19 * 24 * 60 * kMinute + 95 * kMinute,
                 .timeline = {}};
  older.timeline = {{older.created, "priya.nair", "Declared SEV-4."}};
  world.incidents = {std::move(now), std::move(old), std::move(older)};
}

}  // namespace

void build_alerts(World& world, Chance& chance) {
  build_monitors(world);
  build_incidents(world);
  const auto event = [&](Instant time, std::string title, std::string text, const char* source,
                         const char* service) {
    world.events.push_back(
        {chance.hex(18), std::move(title), std::move(text), source, service, time});
  };
  event(kAlerted + 2 * kMinute, "Incident IR-482 declared", world.incidents.front().title,
        "incident", "checkout-api");
  event(kAlerted, "[Triggered] Checkout error rate above 5 %", "monitor 48211", "alert",
        "checkout-api");
  event(kAlerted - 3 * kMinute, "[Triggered] payments-db connections exhausted", "monitor 48212",
        "alert", "payments-db");
  event(kDeployed, "payments-api 4.18.0 deployed", "commit 9c1f2ab: refunds in batches, by raul",
        "deployment", "payments-api");
  event(kNow - 5 * 60 * kMinute, "web-store 2.31.0 deployed", "commit 41d7e02: new cart button",
        "deployment", "web-store");
  event(kNow - 27 * 60 * kMinute, "[Recovered] Search latency", "monitor 48216", "alert",
        "search-api");

  world.synthetics = {
      {"abc-123-xyz", "Checkout journey", "browser", "Alert", "https://shop.example.com/checkout",
       "step 5: expected \"Thank you\", found \"Something went wrong\"", 9},
      {"def-456-uvw", "Payments health", "api", "Alert",
       "https://shop.example.com/api/payments/health", "expected 200, got 503", 8},
      {"ghi-789-rst", "Search for shoes", "browser", "OK",
       "https://shop.example.com/search?q=shoes", "", 0},
      {"jkl-012-opq", "Certificate of the shop", "ssl", "OK", "https://shop.example.com", "", 0},
  };
}

}  // namespace dogpipe::sandbox
