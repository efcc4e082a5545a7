#include "sandbox/methods.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kWhoami = "datadog://mcp/whoami";
constexpr std::string_view kToolsets = "datadog://mcp/toolsets";

struct Request {
  Context& context;
  Session& session;
  std::string_view id;
  json::Value params;
};

std::string empty_result(const Request& request) { return response(request.id, "{}"); }

std::string list_tools(const Request& request) {
  const auto tools = request.session.tools();
  const auto page = static_cast<std::size_t>(request.context.quirks.page_size);
  const std::string_view cursor = request.params["cursor"].text_or("");
  std::size_t begin = 0;
  if (!cursor.empty()) {
    const auto read = std::from_chars(cursor.data(), cursor.data() + cursor.size(), begin);
    if (read.ec != std::errc() || begin > tools.size()) {
      return error_response(request.id, -32602, "Invalid cursor");
    }
  }
  const std::size_t end = page == 0 ? tools.size() : std::min(begin + page, tools.size());
  json::Writer out;
  out.begin_object().name("tools").begin_array();
  if (request.session.tools_ready()) {
    for (std::size_t i = begin; i < end; ++i) {
      out.raw(write_tool(*tools[i].second, tools[i].first));
    }
  }
  out.end_array();
  if (end < tools.size()) out.member("nextCursor", std::to_string(end));
  return response(request.id, out.end_object().take());
}

void write_resource(json::Writer& out, std::string_view uri, std::string_view name,
                    std::string_view description) {
  out.begin_object().member("uri", uri).member("name", name).member("description", description);
  out.member("mimeType", "application/json").end_object();
}

std::string list_resources(const Request& request) {
  json::Writer out;
  out.begin_object().name("resources").begin_array();
  write_resource(out, kWhoami, "whoami", "The user and the organization of this connection");
  write_resource(out, kToolsets, "toolsets", "Toolsets that exist and that are enabled");
  return response(request.id, out.end_array().end_object().take());
}

std::string whoami(const Organization& organization, std::string_view site) {
  json::Writer out;
  out.begin_object().member("user_uuid", "0d1f6a52-8c1e-4e0b-9a53-5f1f4c2ab001");
  out.member("user_email", "sandbox@example.com").member("user_name", "Sandy Box");
  out.member("org_uuid", organization.uuid).member("org_name", organization.name);
  return out.member("dd_site", site).end_object().take();
}

std::string read_resource(const Request& request) {
  const std::string uri(request.params["uri"].text_or(""));
  if (uri != kWhoami && uri != kToolsets) {
    return error_response(request.id, -32002, "Resource not found");
  }
  json::Writer out;
  out.begin_object().name("contents").begin_array().begin_object();
  out.member("uri", uri).member("mimeType", "application/json");
  out.member("text",
             uri == kWhoami
                 ? whoami(*request.session.organization(), request.context.quirks.oauth.site)
                 : request.context.catalogue.toolsets_json(request.session.selection()));
  return response(request.id, out.end_object().end_array().end_object().take());
}

std::string list_templates(const Request& request) {
  return response(request.id, R"({"resourceTemplates":[]})");
}

std::string subscribe(const Request& request) {
  const std::string uri(request.params["uri"].text_or(""));
  if (uri.empty()) return error_response(request.id, -32602, "Invalid params: uri");
  request.session.subscriptions().insert(uri);
  return empty_result(request);
}

std::string unsubscribe(const Request& request) {
  request.session.subscriptions().erase(std::string(request.params["uri"].text_or("")));
  return empty_result(request);
}

std::string set_level(const Request& request) {
  const std::string_view level = request.params["level"].text_or("");
  if (!is_log_level(level)) return error_response(request.id, -32602, "Invalid params: level");
  request.session.log_level() = level;
  return empty_result(request);
}

std::string list_prompts(const Request& request) {
  if (!request.context.quirks.prompts)
    return error_response(request.id, -32601, "Method not found");
  return response(request.id, R"({"prompts":[]})");
}

struct Method {
  std::string_view name;
  std::string (*answer)(const Request&);
};

constexpr std::array kMethods = {
    Method{"ping", empty_result},
    Method{"tools/list", list_tools},
    Method{"resources/list", list_resources},
    Method{"resources/read", read_resource},
    Method{"resources/templates/list", list_templates},
    Method{"resources/subscribe", subscribe},
    Method{"resources/unsubscribe", unsubscribe},
    Method{"logging/setLevel", set_level},
    Method{"prompts/list", list_prompts},
};

}  // namespace

std::string initialize_result(const Context& context, std::string_view version) {
  json::Writer out;
  out.begin_object().member("protocolVersion", version).name("capabilities").begin_object();
  out.raw_member("tools", R"({"listChanged":true})");
  out.raw_member("resources", R"({"subscribe":true,"listChanged":true})");
  out.raw_member("logging", "{}");
  if (context.quirks.prompts) out.raw_member("prompts", "{}");
  out.end_object().name("serverInfo").begin_object().member("name", "datadog-mcp-sandbox");
  if (version >= "2025-06-18") out.member("title", "Stand-in for Datadog's MCP server");
  out.member("version", DOGPIPE_VERSION).end_object();
  return out
      .member("instructions",
              "Synthetic data of one shop. Start with search_datadog_incidents, then follow the "
              "trace ids through spans and logs. Search the documentation before guessing a query.")
      .end_object()
      .take();
}

std::string answer_method(Context& context, Session& session, std::string_view id,
                          std::string_view method, json::Value params) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(),
                                  [&](const Method& known) { return known.name == method; });
  if (found == kMethods.end()) return error_response(id, -32601, "Method not found");
  return found->answer({context, session, id, params});
}

}  // namespace dogpipe::sandbox
