#include "bridge/descent/legacy_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bridge/descent/taskless.h"
#include "mcp/codes.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::string_view kReserved = "io.modelcontextprotocol/";

constexpr std::array<std::string_view, 8> kDetails = {"emergency", "alert",  "critical", "error",
                                                      "warning",   "notice", "info",     "debug"};

bool is_object(std::string_view raw) { return !raw.empty() && raw.front() == '{'; }

std::string_view raw_member(std::string_view object, std::string_view key) {
  return rpc::member(object, key).value_or(std::string_view());
}

bool is_text(std::string_view raw) { return !raw.empty() && raw.front() == '"'; }

bool is_implementation(std::string_view raw) {
  return is_object(raw) && is_text(raw_member(raw, "name")) && is_text(raw_member(raw, "version"));
}

ClaimFault invalid(std::string_view message) { return {mcp::kInvalidParams, message, {}}; }

ClaimFault unsupported(std::string_view raw_revision) {
  return {mcp::kUnsupportedRevision, "unsupported protocol version",
          fmt::format(R"({{"source":"dogpipe","supported":["{}"],"requested":{}}})",
                      mcp::kRevision20260728, raw_revision)};
}

bool is_reserved(std::string_view escaped_key) {
  if (escaped_key.find('\\') == std::string_view::npos) return escaped_key.starts_with(kReserved);
  return rpc::unescape(escaped_key).starts_with(kReserved);
}

std::string legacy_capabilities(std::string_view raw_capabilities) {
  const std::string taskless = taskless_capabilities(raw_capabilities);
  rpc::ObjectEdit edit(taskless);
  if (is_object(edit.get("roots").value_or(std::string_view()))) edit.set("roots", "{}");
  return edit.write();
}

}  // namespace

std::optional<LogDetail> read_log_detail(std::string_view raw) {
  const auto name = rpc::string_value(raw);
  const auto at = name ? std::find(kDetails.begin(), kDetails.end(), *name) : kDetails.end();
  if (at == kDetails.end()) return std::nullopt;
  return static_cast<LogDetail>(at - kDetails.begin());
}

std::string_view name_of(LogDetail detail) { return kDetails[static_cast<std::size_t>(detail)]; }

ReadClaim read_claim(std::string_view raw_params) {
  const std::string_view meta = raw_member(raw_params, "_meta");
  const std::string_view raw_revision = raw_member(meta, mcp::kModernClaim);
  const auto revision = rpc::string_value(raw_revision);
  if (!revision) return invalid("the request does not say its protocol version in _meta");
  if (*revision != mcp::kRevision20260728) return unsupported(raw_revision);
  Claim claim;
  claim.raw_capabilities = raw_member(meta, mcp::kClientCapabilities);
  if (!is_object(claim.raw_capabilities)) {
    return invalid("the request does not say the client's capabilities in _meta");
  }
  const std::string_view raw_level = raw_member(meta, mcp::kLogLevel);
  claim.log_detail = read_log_detail(raw_level);
  if (!raw_level.empty() && !claim.log_detail) return invalid("there is no such log level");
  const std::string_view raw_info = raw_member(meta, mcp::kClientInfo);
  if (is_implementation(raw_info)) claim.raw_client_info = raw_info;
  claim.raw_progress_token = raw_member(meta, "progressToken");
  return claim;
}

std::string legacy_params(std::string_view raw_params) {
  if (raw_params.empty()) return {};
  rpc::ObjectEdit edit(raw_params);
  edit.remove("inputResponses");
  edit.remove("requestState");
  if (const auto raw_meta = edit.get("_meta")) {
    rpc::ObjectEdit meta(*raw_meta);
    meta.remove_if(is_reserved);
    if (meta.empty()) {
      edit.remove("_meta");
    } else {
      edit.set("_meta", meta.write());
    }
  }
  return edit.write();
}

std::string initialize_params(const Claim& claim) {
  const std::string named = std::string(claim.raw_client_info);
  return fmt::format(
      R"({{"protocolVersion":"{}","capabilities":{},"clientInfo":{}}})", mcp::kRevision20251125,
      legacy_capabilities(claim.raw_capabilities),
      named.empty() ? R"({"name":"dogpipe","version":")" DOGPIPE_VERSION R"("})" : named);
}

}  // namespace dogpipe::bridge::descent
