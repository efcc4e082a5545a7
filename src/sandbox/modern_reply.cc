#include "sandbox/modern_reply.h"

#include <algorithm>
#include <array>

#include "json/writer.h"
#include "sandbox/methods.h"
#include "sandbox/modern_gate.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::string_view, 6> kCacheable = {
    "tools/list",     "prompts/list",    "resources/list", "resources/templates/list",
    "resources/read", "server/discover",
};

void write_meta(json::Writer& out, const Quirks& quirks, std::string_view subscription) {
  if (quirks.no_server_info && subscription.empty()) return;
  out.name("_meta").begin_object();
  if (!quirks.no_server_info) out.raw_member(kServerInfoKey, server_info(quirks.modern_version));
  if (!subscription.empty()) out.raw_member(kSubscriptionKey, subscription);
  out.end_object();
}

std::string head(const Quirks& quirks, std::string_view method, std::string_view type) {
  json::Writer out;
  out.begin_object();
  if (!type.empty()) out.member("resultType", type);
  if (std::find(kCacheable.begin(), kCacheable.end(), method) != kCacheable.end()) {
    out.member("ttlMs", quirks.cache_ttl.count()).member("cacheScope", quirks.cache_scope);
  }
  write_meta(out, quirks, "");
  return out.end_object().take();
}

}  // namespace

std::string modern_response(const Quirks& quirks, std::string_view id, std::string_view method,
                            const Outcome& outcome, std::string_view type) {
  if (outcome.failed()) return response(id, outcome);
  return response(id, std::string_view(merged(head(quirks, method, type), outcome.result)));
}

std::string input_required_result(const Quirks& quirks, const Rounds& rounds) {
  json::Writer out;
  out.begin_object();
  write_meta(out, quirks, "");
  return merged(rounds.input_required(), out.end_object().take());
}

std::string discover_result(const Quirks& quirks) {
  json::Writer out;
  out.begin_object().raw_member("supportedVersions", supported_versions(quirks));
  out.raw_member("capabilities", server_capabilities(quirks));
  return out.member("instructions", server_instructions()).end_object().take();
}

std::string listen_result(const Quirks& quirks, std::string_view id) {
  json::Writer out;
  out.begin_object().member("resultType", "complete");
  write_meta(out, quirks, id);
  return out.end_object().take();
}

}  // namespace dogpipe::sandbox
