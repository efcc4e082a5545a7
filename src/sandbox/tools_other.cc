// Tools that are there so that lists, names and toolsets look like the real ones.
#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

ToolAnswer thank(const World&, json::Value arguments) {
  return json_answer(R"({"received":true})", arguments);
}

ToolAnswer slos(const World&, json::Value arguments) {
  Table table({"id", "name", "target", "current", "error_budget_left"});
  table.row({"slo-checkout", "Checkout succeeds", "99.9", "99.21", "0"});
  table.row({"slo-search", "Search under 1 s", "99.5", "99.83", "66"});
  return table.answer(arguments);
}

ToolAnswer signals(const World&, json::Value arguments) {
  return Table({"timestamp", "severity", "rule", "host"}).answer(arguments);
}

ToolAnswer run_command(const World&, json::Value arguments) {
  json::Writer out;
  out.begin_object().member("exit_code", 0).member("stdout", "sandbox\n").end_object();
  return json_answer(out.take(), arguments);
}

void add(std::vector<Tool>& tools, const char* name, const char* toolset, Tool tool, bool reads) {
  tool.name = name;
  tool.toolsets = {toolset};
  tool.reads = reads;
  tool.destroys = false;
  tools.push_back(std::move(tool));
}

}  // namespace

void add_other_tools(std::vector<Tool>& tools, const World& world) {
  constexpr auto kRequired = Schema::Need::required;
  add(tools, "submit_mcp_feedback", "core",
      make_tool("Send feedback", "Tells Datadog what you think of this server.",
                Schema().text("feedback", "Your words.", "Good.", kRequired), thank),
      false);
  add(tools, "search_datadog_slos", "alerting",
      make_tool("Search SLOs", "Service level objectives.", Schema().paged(), slos), true);
  add(tools, "search_datadog_security_signals", "security",
      make_tool("Search security signals", "Security signals; none in this world.",
                Schema().paged(), signals),
      true);
  add(tools, "datadog_remote_action_restricted_shell_run_command", "remote-actions",
      make_tool("Run a command", "Runs a harmless command on a host.",
                Schema()
                    .text("host", "A host.", world.hosts.front().name, kRequired)
                    .text("command", "The command.", "hostname", kRequired),
                run_command),
      false);
}

}  // namespace dogpipe::sandbox
