#include <fmt/format.h>

#include <algorithm>

#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

bool runs_on(const Service& service, const std::string& host) {
  return std::find(service.hosts.begin(), service.hosts.end(), host) != service.hosts.end();
}

ToolAnswer hosts(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"name", "status", "cloud", "zone", "instance_type", "cpu_percent", "services"});
  for (const Host& host : world.hosts) {
    std::vector<std::string> names;
    for (const Service& service : world.services) {
      if (runs_on(service, host.name)) names.push_back(service.name);
    }
    const std::string services = joined(names);
    const auto field = [&](std::string_view key) -> std::string {
      if (key.empty()) return host.name + " " + services;
      if (key == "host" || key == "name") return host.name;
      if (key == "zone" || key == "availability-zone") return host.zone;
      if (key == "service") return services;
      return key == "env" ? "production" : "";
    };
    if (!query.matches(field)) continue;
    table.row({host.name, "up", host.cloud, host.zone, host.type, fmt::to_string(host.cpu_percent),
               services});
  }
  return table.answer(arguments);
}

std::string field_of(const Service& service, std::string_view key) {
  if (key.empty() || key == "name" || key == "service") return service.name;
  if (key == "team") return service.team;
  if (key == "type") return service.type;
  if (key == "language") return service.language;
  return "";
}

ToolAnswer services(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"name", "type", "language", "version", "team", "hosts", "status"});
  for (const Service& service : world.services) {
    if (!query.matches([&](auto key) { return field_of(service, key); })) continue;
    const bool alerts = std::any_of(
        world.monitors.begin(), world.monitors.end(),
        [&](const Monitor& m) { return m.service == service.name && m.status == "Alert"; });
    table.row({service.name, service.type, service.language, service.version, service.team,
               joined(service.hosts), alerts ? "alert" : "ok"});
  }
  return table.answer(arguments);
}

ToolAnswer dependencies(const World& world, json::Value arguments) {
  const std::string_view name = arguments["service"].text_or("*");
  Table table({"caller", "called", "team_of_called"});
  for (const Service& caller : world.services) {
    for (const std::string& called : caller.calls) {
      if (!matches_pattern(name, caller.name) && !matches_pattern(name, called)) continue;
      table.row({caller.name, called, world.service(called).team});
    }
  }
  return table.answer(arguments);
}

}  // namespace

void add_infrastructure_tools(std::vector<Tool>& tools, const World&) {
  add_both(tools, "list_hosts", "search_datadog_hosts",
           make_tool("List hosts", "Hosts, what runs on them and how busy they are.",
                     Schema().text("query", "host:db-*, service:payments-api, words.", "*").paged(),
                     hosts));
  add_both(
      tools, "list_services", "search_datadog_services",
      make_tool("List services", "Services, their teams, versions and status.",
                Schema().text("query", "team:payments, type:db, words.", "*").paged(), services));
  Tool tool =
      make_tool("Service dependencies", "Which services call which.",
                Schema().text("service", "A name, or a pattern with *.", "payments-api").paged(),
                dependencies);
  tool.name = "search_datadog_service_dependencies";
  tool.toolsets = {"core"};
  tools.push_back(std::move(tool));
}

}  // namespace dogpipe::sandbox
