#include "mcp/request_fields.h"

#include "mcp/field_value.h"
#include "mcp/headers.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::mcp {
namespace {

// Which member of `params` a method is about. The tasks are those of the extension (SEP-2663).
constexpr struct {
  std::string_view method, member;
} kNamed[] = {
    {"tools/call", "name"},  {"prompts/get", "name"},    {"resources/read", "uri"},
    {"tasks/get", "taskId"}, {"tasks/update", "taskId"}, {"tasks/cancel", "taskId"},
};

std::optional<std::string_view> meta_member(std::string_view raw_params, std::string_view key) {
  const auto meta = rpc::member(raw_params, "_meta");
  return meta ? rpc::member(*meta, key) : std::nullopt;
}

std::optional<std::string> name_of(std::string_view method, std::string_view raw_params) {
  for (const auto& row : kNamed) {
    if (row.method != method) continue;
    const auto raw = rpc::member(raw_params, row.member);
    return raw ? rpc::string_value(*raw) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

bool has_claim(std::string_view raw_params) {
  return meta_member(raw_params, kModernClaim).has_value();
}

std::optional<std::string> claimed_revision(std::string_view raw_params) {
  const auto raw = meta_member(raw_params, kModernClaim);
  return raw ? rpc::string_value(*raw) : std::nullopt;
}

std::optional<Claim> read_claim(std::string_view raw_params) {
  auto revision = claimed_revision(raw_params);
  if (!revision) return std::nullopt;
  const auto raw = [raw_params](std::string_view key) {
    return meta_member(raw_params, key).value_or(std::string_view());
  };
  return Claim{std::move(*revision), raw(kClientCapabilities), raw(kClientInfo), raw(kLogLevel)};
}

Fields request_fields(std::string_view method, std::string_view raw_params) {
  Fields fields;
  if (const auto revision = claimed_revision(raw_params); revision && valid_revision(*revision)) {
    fields.emplace_back(kProtocolVersion, *revision);
  }
  fields.emplace_back(kMethod, field_value(method));
  if (const auto name = name_of(method, raw_params)) {
    fields.emplace_back(kName, field_value(*name));
  }
  return fields;
}

}  // namespace dogpipe::mcp
