#include "sandbox/resources.h"

#include <algorithm>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kWhoami = "datadog://mcp/whoami";
constexpr std::string_view kToolsets = "datadog://mcp/toolsets";
constexpr std::string_view kAsked = "datadog://mcp/asked";  // only readable after a question
constexpr std::string_view kService = "datadog://mcp/services/";

void write_resource(json::Writer& out, std::string_view uri, std::string_view name,
                    std::string_view description) {
  out.begin_object().member("uri", uri).member("name", name).member("description", description);
  out.member("mimeType", "application/json").end_object();
}

std::string whoami(const Organization& organization, std::string_view site) {
  json::Writer out;
  out.begin_object().member("user_uuid", "0d1f6a52-8c1e-4e0b-9a53-5f1f4c2ab001");
  out.member("user_email", "sandbox@example.com").member("user_name", "Sandy Box");
  out.member("org_uuid", organization.uuid).member("org_name", organization.name);
  return out.member("dd_site", site).end_object().take();
}

const Service* find_service(const World& world, std::string_view uri) {
  if (uri.rfind(kService, 0) != 0) return nullptr;
  const auto found = std::find_if(
      world.services.begin(), world.services.end(),
      [name = uri.substr(kService.size())](const Service& known) { return known.name == name; });
  return found == world.services.end() ? nullptr : &*found;
}

std::string service_json(const Service& service) {
  json::Writer out;
  out.begin_object().member("service", service.name).member("team", service.team);
  return out.member("version", service.version).end_object().take();
}

std::string asked_json(const std::vector<std::string>& answers) {
  json::Writer out;
  out.begin_object().name("answers").begin_array();
  for (const std::string& answer : answers) out.raw(answer);
  return out.end_array().end_object().take();
}

// Empty without such a resource.
std::string text_of(const Request& request, std::string_view uri) {
  const Context& context = request.visit.context;
  if (uri == kWhoami) return whoami(request.visit.organization, context.quirks.oauth.site);
  if (uri == kToolsets) return context.catalogue.toolsets_json(request.visit.selection);
  if (!context.quirks.rich()) return "";
  if (uri == kAsked) return asked_json(request.answers);
  const Service* service = find_service(context.world, uri);
  return service == nullptr ? "" : service_json(*service);
}

}  // namespace

bool is_resource(const World& world, std::string_view uri) {
  return uri == kWhoami || uri == kToolsets || uri == kAsked || find_service(world, uri) != nullptr;
}

Outcome list_resources(const Request& request) {
  json::Writer out;
  out.begin_object().name("resources").begin_array();
  write_resource(out, kWhoami, "whoami", "The user and the organization of this connection");
  write_resource(out, kToolsets, "toolsets", "Toolsets that exist and that are enabled");
  if (request.visit.context.quirks.rich()) {
    write_resource(out, kAsked, "asked", "What the user says when asked for it");
  }
  return success(out.end_array().end_object().take());
}

Outcome read_resource(const Request& request) {
  const std::string uri(request.params["uri"].text_or(""));
  const std::string text = text_of(request, uri);
  if (text.empty()) {
    if (!request.visit.modern) return failure(-32002, "Resource not found");
    return failure(-32602, "Resource not found", "{\"uri\":" + json::quoted(uri) + "}");
  }
  json::Writer out;
  out.begin_object().name("contents").begin_array().begin_object();
  out.member("uri", uri).member("mimeType", "application/json").member("text", text);
  return success(out.end_object().end_array().end_object().take());
}

Outcome list_templates(const Request& request) {
  json::Writer out;
  out.begin_object().name("resourceTemplates").begin_array();
  if (request.visit.context.quirks.rich()) {
    out.begin_object().member("uriTemplate", std::string(kService) + "{service}");
    out.member("name", "service").member("description", "One service of the shop");
    out.member("mimeType", "application/json").end_object();
  }
  return success(out.end_array().end_object().take());
}

std::vector<Round> resource_rounds(std::string_view uri) {
  if (uri != kAsked) return {};
  return {{Ask::form}};
}

}  // namespace dogpipe::sandbox
