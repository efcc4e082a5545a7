#include "sandbox/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "json/writer.h"
#include "sandbox/form.h"
#include "sandbox/message.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::string_view, 4> kRevisions = {"2024-11-05", "2025-03-26", "2025-06-18",
                                                        "2025-11-25"};

// Whether an Accept field admits a media type.
bool accepts(const event::HttpRequest& request, std::string_view type) {
  const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
  for (const auto& [name, value] : request.fields) {
    if (!event::same_field(name, "Accept")) continue;
    for (const std::string& range : split(value, ',')) {
      const std::string_view bare = std::string_view(range).substr(0, range.find_first_of("; "));
      if (event::same_field(bare, type) || event::same_field(bare, family) || bare == "*/*") {
        return true;
      }
    }
  }
  return false;
}

bool has_key(const event::HttpRequest& request, std::string_view dashed,
             std::string_view underlined, std::string_view key) {
  const auto by_dash = request.fields.find(dashed);
  const auto by_line = request.fields.find(underlined);
  return by_dash == key || by_line == key;
}

std::optional<std::string_view> bearer(const event::HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto field = request.fields.find("Authorization");
  if (!field || !event::same_field(field->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return field->substr(kScheme.size());
}

std::string challenge(const OAuthQuirks& quirks, std::string_view origin, std::string_view path,
                      bool had_token) {
  std::string text = "Bearer ";
  if (had_token) text += "error=\"invalid_token\", ";
  text += quirks.challenge_metadata.empty()
              ? fmt::format("resource_metadata=\"{}/.well-known/oauth-protected-resource{}\"",
                            origin, path)
              : fmt::format("resource_metadata=\"{}\"", quirks.challenge_metadata);
  if (!quirks.challenge_scope.empty())
    text += fmt::format(", scope=\"{}\"", quirks.challenge_scope);
  return text;
}

}  // namespace

std::vector<std::string> split(std::string_view list, char mark) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t end = list.find(mark);
    std::string_view part = list.substr(0, end);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return parts;
}

event::HttpReply plain_error(int status, std::string_view text) {
  event::HttpReply reply;
  reply.status = status;
  reply.fields.add("Content-Type", "application/json");
  json::Writer out;
  out.begin_object().name("errors").begin_array().value(text).end_array();
  reply.body = out.end_object().take();
  return reply;
}

event::HttpReply protocol_error(int status, std::int64_t code, std::string_view text) {
  event::HttpReply reply;
  reply.status = status;
  reply.fields.add("Content-Type", "application/json");
  reply.body = error_response("null", code, text);
  return reply;
}

bool is_endpoint(std::string_view path) {
  return path == "/v1/mcp" || path == "/api/unstable/mcp-server/mcp";
}

std::variant<Caller, event::HttpReply> check_credentials(const event::HttpRequest& request,
                                                         const Quirks& quirks,
                                                         const TokenTable& tokens, base::Time now,
                                                         const Origins& origins) {
  const Caller everything{kOrganizations.data(), "mcp_all"};
  const auto token = bearer(request);
  if (token == "sandbox-token") return everything;
  if (const auto* access = token ? tokens.find(*token, now) : nullptr) {
    return Caller{access->grant->organization, access->scope};
  }
  if (has_key(request, "DD-API-KEY", "DD_API_KEY", "sandbox-api-key") &&
      has_key(request, "DD-APPLICATION-KEY", "DD_APPLICATION_KEY", "sandbox-application-key")) {
    return everything;
  }
  event::HttpReply reply = plain_error(401, "Unauthorized");
  if (quirks.challenge) {
    reply.fields.add("WWW-Authenticate",
                     challenge(quirks.oauth, origins.mcp, request.path, token.has_value()));
  }
  return reply;
}

event::HttpReply insufficient_scope(std::string_view scope) {
  event::HttpReply reply = plain_error(403, "Forbidden");
  reply.fields.add("WWW-Authenticate",
                   fmt::format("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope));
  return reply;
}

Refusal check_content_type(const event::HttpRequest& request) {
  const std::string type(request.fields.find("Content-Type").value_or(""));
  if (!event::same_field(std::string_view(type).substr(0, type.find_first_of("; ")),
                         "application/json")) {
    return protocol_error(415, -32000, "Unsupported Media Type: send application/json");
  }
  return std::nullopt;
}

Refusal check_post_types(const event::HttpRequest& request) {
  if (auto refusal = check_content_type(request)) return refusal;
  if (!accepts(request, "application/json") || !accepts(request, "text/event-stream")) {
    return protocol_error(406, -32000,
                          "Not Acceptable: accept both application/json and text/event-stream");
  }
  return std::nullopt;
}

Refusal check_get_types(const event::HttpRequest& request) {
  if (accepts(request, "text/event-stream")) return std::nullopt;
  return protocol_error(406, -32000, "Not Acceptable: accept text/event-stream");
}

Refusal check_version(const event::HttpRequest& request, std::string_view negotiated) {
  const auto version = request.fields.find("MCP-Protocol-Version");
  if (!version || *version == negotiated) return std::nullopt;
  return protocol_error(400, -32000, "Bad Request: MCP-Protocol-Version is not the negotiated one");
}

bool is_legacy_revision(std::string_view version) {
  return std::find(kRevisions.begin(), kRevisions.end(), version) != kRevisions.end();
}

event::HttpReply dead_session(const Quirks& quirks) {
  const std::string& form = quirks.dead_session_body;
  if (form == "jsonrpc") {
    return quirks.dead_session == 400
               ? protocol_error(400, -32000, "Bad Request: No valid session ID provided")
               : protocol_error(quirks.dead_session, -32001, "Session not found");
  }
  event::HttpReply reply = plain_error(quirks.dead_session, "Session not found");
  if (form == "json") return reply;
  reply.fields = {};
  if (form == "html") {
    reply.fields.add("Content-Type", "text/html; charset=utf-8");
    reply.body = "<!DOCTYPE html><html><body><h1>Session not found</h1></body></html>\n";
  } else if (form == "text") {
    reply.fields.add("Content-Type", "text/plain; charset=utf-8");
    reply.body = "Session not found\n";
  } else {
    reply.body.clear();
  }
  return reply;
}

std::string http_date(std::chrono::seconds from_now) {
  using namespace std::chrono;
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto then = floor<seconds>(system_clock::now() + from_now);
  const auto midnight = floor<days>(then);
  const year_month_day date(midnight);
  const hh_mm_ss clock(then - midnight);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[weekday(midnight).c_encoding()],
                     unsigned(date.day()), kMonths[unsigned(date.month()) - 1], int(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Selection read_selection(const event::HttpRequest& request, const Quirks& quirks) {
  Selection selection;
  const Form query(request.query);
  const std::string field(request.fields.find("X-Datadog-MCP-Toolsets").value_or(""));
  selection.toolsets = split(field, ',');
  for (std::string& name : split(query.value("toolsets"), ',')) {
    selection.toolsets.push_back(std::move(name));
  }
  selection.omitted = split(query.value("omit_tools"), ',');
  if (quirks.trials) selection.besides.emplace_back("trials");
  if (quirks.invalid_tools) selection.besides.emplace_back("invalid");
  return selection;
}

std::string negotiate(std::string_view offered, std::string_view newest) {
  return std::string(is_legacy_revision(offered) && offered <= newest ? offered : newest);
}

}  // namespace dogpipe::sandbox
