#include "sandbox/changes.h"

#include <array>

#include "json/writer.h"
#include "sandbox/message.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKinds = {{
    {"tools", "notifications/tools/list_changed"},
    {"prompts", "notifications/prompts/list_changed"},
    {"resources", "notifications/resources/list_changed"},
    {"resource", "notifications/resources/updated"},
}};

}  // namespace

std::string_view Change::method() const { return kKinds[static_cast<std::size_t>(kind)].second; }

std::optional<Change> list_change(std::string_view list) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (kKinds[i].first == list) return Change{static_cast<Change::Kind>(i), {}};
  }
  return std::nullopt;
}

std::string change_notification(const Change& change, std::string_view more_params) {
  json::Writer out;
  out.begin_object();
  if (change.kind == Change::Kind::resource) out.member("uri", change.uri);
  const std::string params = merged(out.end_object().take(), more_params);
  return notification(change.method(), params == "{}" ? "" : params);
}

std::vector<Change> changes_in(json::Value wishes) {
  std::vector<Change> changes;
  const json::Value list = wishes["list_changed"];
  if (const auto change = list_change(list.bool_or(false) ? "tools" : list.text_or(""))) {
    changes.push_back(*change);
  }
  const std::string_view uri = wishes["resource_updated"].text_or("");
  if (!uri.empty()) changes.push_back({Change::Kind::resource, std::string(uri)});
  return changes;
}

void Changes::listed() {
  if (shifts_ == ShiftSchema::never) return;
  second_edition_ = shifts_ == ShiftSchema::once || !second_edition_;
}

}  // namespace dogpipe::sandbox
