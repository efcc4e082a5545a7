#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {

void build_infrastructure(World& world, Chance& chance) {
  world.services = {
      {"web-store",
       "storefront",
       "javascript",
       "web",
       "2.31.0",
       {"checkout-api", "search-api", "auth-api", "cart-api"},
       {"web-01", "web-02"}},
      {"checkout-api",
       "checkout",
       "go",
       "web",
       "7.4.2",
       {"payments-api", "cart-api"},
       {"app-01", "app-02"}},
      {"payments-api",
       "payments",
       "java",
       "web",
       "4.18.0",
       {"payments-db", "fraud-check"},
       {"app-03", "app-04"}},
      {"payments-db", "payments", "", "db", "15.4", {}, {"db-01"}},
      {"fraud-check", "payments", "python", "web", "1.9.3", {}, {"app-04"}},
      {"cart-api", "checkout", "go", "web", "3.2.0", {"cart-cache"}, {"app-01", "app-02"}},
      {"cart-cache", "checkout", "", "cache", "7.2", {}, {"cache-01"}},
      {"search-api", "discovery", "java", "web", "5.0.1", {"catalog-db"}, {"app-05"}},
      {"catalog-db", "discovery", "", "db", "8.11", {}, {"db-02"}},
      {"auth-api", "identity", "ruby", "web", "6.6.0", {"users-db"}, {"app-05"}},
      {"users-db", "identity", "", "db", "15.4", {}, {"db-02"}},
      {"email-worker", "growth", "python", "worker", "2.2.8", {"users-db"}, {"app-06"}},
  };
  const auto host = [&](const char* name, const char* type) {
    const int cpu =
        std::string_view(name) == "db-01" ? 96 : static_cast<int>(chance.between(12, 58));
    world.hosts.push_back(
        {name, "aws", chance.percent(50) ? "us-east-1a" : "us-east-1b", type, cpu});
  };
  for (const char* name : {"web-01", "web-02"}) host(name, "c7g.large");
  for (const char* name : {"app-01", "app-02", "app-03", "app-04", "app-05", "app-06"}) {
    host(name, "m7g.xlarge");
  }
  for (const char* name : {"db-01", "db-02"}) host(name, "r7g.2xlarge");
  host("cache-01", "r7g.large");

  world.metrics = {
      {"system.cpu.user", "percent", "gauge", "CPU used by processes", 31, 47},
      {"system.mem.used", "byte", "gauge", "Memory in use", 9.4e9, 1.21e10},
      {"system.load.1", "", "gauge", "Load average over a minute", 1.8, 4.9},
      {"system.disk.in_use", "fraction", "gauge", "Disk space in use", 0.61, 0.62},
      {"trace.http.request.hits", "request", "count", "Requests served", 1840, 1610},
      {"trace.http.request.errors", "error", "count", "Requests that failed", 6, 412},
      {"trace.http.request.duration", "second", "distribution", "Latency of requests", 0.18, 2.9},
      {"postgresql.connections", "connection", "gauge", "Open connections", 41, 200},
      {"postgresql.max_connections", "connection", "gauge", "Connections allowed", 200, 200},
      {"postgresql.locks", "lock", "gauge", "Locks held", 17, 64},
      {"payments.pool.in_use", "connection", "gauge", "Connections taken from the pool", 22, 100},
      {"payments.pool.wait", "second", "distribution", "Wait for a connection", 0.004, 4.7},
      {"checkout.orders", "order", "count", "Orders placed", 92, 21},
      {"checkout.revenue", "dollar", "count", "Money taken", 5120, 1130},
      {"redis.mem.used", "byte", "gauge", "Memory of the cart cache", 2.1e9, 2.2e9},
      {"jvm.heap_memory", "byte", "gauge", "Heap in use", 1.3e9, 3.6e9},
      {"jvm.gc.pause", "second", "distribution", "Pauses of the collector", 0.02, 0.31},
      {"kafka.consumer.lag", "message", "gauge", "Messages not read yet", 120, 140},
      {"rum.view.loading_time", "second", "distribution", "Time to load a view", 1.6, 5.2},
      {"synthetics.http.response.time", "second", "gauge", "Time of a synthetic check", 0.4, 6.1},
  };
}

}  // namespace dogpipe::sandbox
