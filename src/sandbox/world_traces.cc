#include <algorithm>

#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {
namespace {

struct Route {
  const char* resource;
  std::vector<const char*> services;  // each calls the next; payments-db is called last
};

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = {
      {"POST /checkout", {"web-store", "checkout-api", "payments-api", "payments-db"}},
      {"GET /search", {"web-store", "search-api", "catalog-db"}},
      {"POST /login", {"web-store", "auth-api", "users-db"}},
      {"POST /cart/items", {"web-store", "cart-api", "cart-cache"}},
  };
  return kRoutes;
}

std::string operation(const Service& service) {
  if (service.type == "db") return "postgresql.query";
  if (service.type == "cache") return "redis.command";
  return "http.request";
}

std::string resource(const Service& service, const Route& route) {
  if (service.name == "payments-db") return "INSERT INTO payments";
  if (service.type == "db") return "SELECT FROM " + service.name.substr(0, service.name.find('-'));
  if (service.type == "cache") return "HSET cart";
  if (service.name == "payments-api") return "POST /v2/charges";
  return route.resource;
}

// The error that a service sees when the pool is dry, from the innermost out.
const char* complaint(const std::string& service) {
  if (service == "payments-api") {
    return "HikariPool-1 - Connection is not available, request timed out after 5000ms";
  }
  if (service == "checkout-api") return "payments-api answered 503 Service Unavailable";
  return "checkout-api answered 502 Bad Gateway";
}

void add_trace(World& world, Chance& chance, const Route& route, Instant start, bool fails) {
  const std::string trace_id = chance.hex(32);
  std::string parent_id;
  std::int64_t duration =
      fails ? chance.between(5'100'000, 5'600'000) : chance.between(90'000, 640'000);
  for (std::size_t depth = 0; depth < route.services.size(); ++depth) {
    const Service& service = world.service(route.services[depth]);
    if (fails && service.type == "db") break;  // no connection, so no query
    Span span;
    span.trace_id = trace_id;
    span.id = chance.hex(16);
    span.parent_id = parent_id;
    span.service = service.name;
    span.operation = operation(service);
    span.resource = resource(service, route);
    span.host = chance.pick(service.hosts);
    span.start = start + static_cast<Instant>(depth) * 3;
    span.duration_us = duration;
    span.error = fails;
    if (span.operation == "http.request") {
      span.http_status = !fails ? 200 : service.name == "payments-api" ? 503 : 502;
    } else {
      span.http_status = 0;
    }
    if (fails) span.message = complaint(service.name);
    parent_id = span.id;
    duration = duration * chance.between(80, 95) / 100;
    world.spans.push_back(std::move(span));
  }
}

}  // namespace

std::string build_traces(World& world, Chance& chance) {
  for (int i = 0; i < 120; ++i) {
    const Route& route = routes()[static_cast<std::size_t>(i) % routes().size()];
    const Instant start = kNow - 120 * kMinute + i * kMinute + chance.between(0, 55'000);
    const bool dry = &route == &routes().front() && start > kDeployed + 5 * kMinute;
    add_trace(world, chance, route, start, dry && chance.percent(75));
  }
  std::stable_sort(world.spans.begin(), world.spans.end(),
                   [](const Span& a, const Span& b) { return a.start < b.start; });
  const auto failed = std::find_if(world.spans.begin(), world.spans.end(),
                                   [](const Span& span) { return span.error; });
  return failed == world.spans.end() ? world.spans.front().trace_id : failed->trace_id;
}

}  // namespace dogpipe::sandbox
