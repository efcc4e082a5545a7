#include "json/writer.h"
#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

std::string field_of(const Incident& incident, std::string_view key) {
  if (key.empty()) return incident.title + " " + incident.summary;
  if (key == "id") return incident.id;
  if (key == "severity") return incident.severity;
  if (key == "state") return incident.state;
  if (key == "commander") return incident.commander;
  return "";
}

ToolAnswer list(const World& world, json::Value arguments) {
  const Query query(arguments["query"].text_or("*"));
  Table table({"id", "severity", "state", "title", "services", "commander", "created"});
  for (const Incident& incident : world.incidents) {
    if (!query.matches([&](auto key) { return field_of(incident, key); })) continue;
    table.row({incident.id, incident.severity, incident.state, incident.title,
               joined(incident.services), incident.commander, iso_time(incident.created)});
  }
  return table.answer(arguments);
}

ToolAnswer get(const World& world, json::Value arguments) {
  const std::string_view id = arguments["incident_id"].text_or("");
  for (const Incident& incident : world.incidents) {
    if (incident.id != id) continue;
    json::Writer out;
    out.begin_object().member("id", incident.id).member("title", incident.title);
    out.member("severity", incident.severity).member("state", incident.state);
    out.member("commander", incident.commander).member("summary", incident.summary);
    out.name("services").begin_array();
    for (const std::string& service : incident.services) out.value(service);
    out.end_array().member("created", iso_time(incident.created));
    if (incident.resolved != 0) out.member("resolved", iso_time(incident.resolved));
    out.name("timeline").begin_array();
    for (const TimelineEntry& entry : incident.timeline) {
      out.begin_object().member("time", iso_time(entry.time)).member("author", entry.author);
      out.member("text", entry.text).end_object();
    }
    return json_answer(out.end_array().end_object().take(), arguments);
  }
  return tool_error("No such incident: try search_datadog_incidents.");
}

}  // namespace

void add_incident_tools(std::vector<Tool>& tools, const World&) {
  Schema one;
  one.text("incident_id", "For example IR-482.", std::string(kIncident), Schema::Need::required)
      .paged();
  add_both(tools, "get_incident", "get_datadog_incident",
           make_tool("Get an incident", "An incident with its timeline.", one, get));
  Schema searching;
  searching.text("query", "Incident search: state:active, severity:SEV-2, words.", "state:active")
      .paged();
  add_both(tools, "list_incidents", "search_datadog_incidents",
           make_tool("List incidents", "Incidents, the latest first.", searching, list));
}

}  // namespace dogpipe::sandbox
