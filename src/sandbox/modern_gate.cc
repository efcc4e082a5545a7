#include "sandbox/modern_gate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "json/writer.h"
#include "sandbox/field_value.h"
#include "sandbox/mirror.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kLastLegacy = "2025-11-25";
constexpr std::int64_t kHeaderMismatch = -32020;
constexpr std::int64_t kUnsupportedVersion = -32022;

event::HttpReply refuse(json::Value id, std::int64_t code, std::string message,
                        std::string data = {}) {
  return modern_error(400, id, failure(code, std::move(message), std::move(data)));
}

event::HttpReply unsupported(json::Value id, std::string_view requested, const Quirks& quirks) {
  json::Writer out;
  out.begin_object().raw_member("supported", supported_versions(quirks));
  out.member("requested", requested).end_object();
  return refuse(id, kUnsupportedVersion, "Unsupported protocol version", out.take());
}

Refusal check_meta(json::Value message) {
  const json::Value meta = message["params"]["_meta"];
  for (const std::string_view key : {kVersionKey, kCapabilitiesKey}) {
    const json::Value value = meta[key];
    if (key == kVersionKey ? value.is_string() : value.is_object()) continue;
    return refuse(message["id"], -32602, "Invalid params: _meta." + std::string(key));
  }
  const json::Value level = meta[kLogLevelKey];
  if (level.exists() && !is_log_level(level.text_or(""))) {
    return refuse(message["id"], -32602, "Invalid params: _meta." + std::string(kLogLevelKey));
  }
  return std::nullopt;
}

// The member of the params that Mcp-Name repeats; empty: none.
std::string_view name_source(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  return method == "resources/read" ? "uri" : "";
}

Refusal check_names(const event::HttpRequest& request, json::Value message) {
  const std::string_view method = message["method"].text_or("");
  const auto mismatch = [&](const char* what) {
    return refuse(message["id"], kHeaderMismatch, std::string("Header mismatch: ") + what);
  };
  if (request.fields.find("Mcp-Method") != method) return mismatch("Mcp-Method");
  if (request.fields.count("Mcp-Method") > 1 || request.fields.count("Mcp-Name") > 1) {
    return mismatch("a field twice");
  }
  const std::string_view source = name_source(method);
  if (source.empty()) return std::nullopt;
  const auto field = request.fields.find("Mcp-Name");
  const auto name = field ? read_field_value(*field) : std::nullopt;
  if (!name || *name != message["params"][source].text_or("")) return mismatch("Mcp-Name");
  return std::nullopt;
}

}  // namespace

std::string supported_versions(const Quirks& quirks) {
  json::Writer out;
  out.begin_array();
  const std::string& listed = quirks.supported_versions;
  for (const std::string& version : split(listed.empty() ? quirks.modern_version : listed, ',')) {
    out.value(version);
  }
  return out.end_array().take();
}

bool claims_modern(const event::HttpRequest& request, const Letter& letter) {
  const auto claims = [](const json::Value& message) {
    return message["params"]["_meta"][kVersionKey].exists();
  };
  if (request.fields.find("MCP-Protocol-Version").value_or("") > kLastLegacy) return true;
  return std::any_of(letter.requests.begin(), letter.requests.end(), claims) ||
         std::any_of(letter.notifications.begin(), letter.notifications.end(), claims);
}

event::HttpReply modern_error(int status, json::Value id, const Outcome& error) {
  event::HttpReply reply;
  reply.status = status;
  reply.fields.add("Content-Type", "application/json");
  reply.body = response(json::write(id), error);
  return reply;
}

Refusal check_single(const Letter& letter) {
  if (!letter.batch && letter.responses.empty()) return std::nullopt;
  event::HttpReply reply = protocol_error(400, 0, "");
  reply.body = idless_error(
      -32600, letter.batch ? "Invalid Request: no batches" : "Invalid Request: no responses");
  return reply;
}

Refusal check_modern(const event::HttpRequest& request, json::Value message, const Quirks& quirks) {
  const json::Value params = message["params"];
  if (quirks.era == Era::modern && message["method"].text_or("") == "initialize") {
    return unsupported(message["id"], params["protocolVersion"].text_or(""), quirks);
  }
  if (auto refusal = check_meta(message)) return refusal;
  const std::string_view version = params["_meta"][kVersionKey].text_or("");
  if (request.fields.find("MCP-Protocol-Version") != version) {
    return refuse(message["id"], kHeaderMismatch, "Header mismatch: MCP-Protocol-Version");
  }
  if (version != quirks.modern_version) return unsupported(message["id"], version, quirks);
  return check_names(request, message);
}

Refusal check_mirrors(const event::HttpRequest& request, json::Value message,
                      std::string_view input_schema) {
  const auto schema = json::read(input_schema);
  if (!schema) return std::nullopt;
  const auto wrong =
      mismatch(request.fields, mirrors_of(schema->root()), message["params"]["arguments"]);
  if (!wrong) return std::nullopt;
  return refuse(message["id"], kHeaderMismatch, "Header mismatch: " + *wrong);
}

}  // namespace dogpipe::sandbox
