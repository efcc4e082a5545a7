#include "bridge/catalogue.h"

#include "rpc/members.h"

namespace dogpipe::bridge {
namespace {

// Enough for any server; a hostile list must not grow without end.
constexpr std::size_t kMostTools = 10'000;

bool says(std::string_view annotations, std::string_view hint) {
  return rpc::member(annotations, hint) == "true";
}

}  // namespace

void Catalogue::observe(std::string_view raw_result) {
  if (!trusted_) return;
  const auto tools = rpc::member(raw_result, "tools");
  if (!tools) return;
  rpc::for_each_element(*tools, [this](std::string_view tool) {
    const auto raw_name = rpc::member(tool, "name");
    const auto name = raw_name ? rpc::string_value(*raw_name) : std::nullopt;
    const auto annotations = rpc::member(tool, "annotations");
    if (!name || hints_.size() >= kMostTools) return;
    hints_[*name] = annotations ? ToolHints{says(*annotations, "readOnlyHint"),
                                            says(*annotations, "idempotentHint")}
                                : ToolHints{};
  });
}

ToolHints Catalogue::hints_for(std::string_view raw_params) const {
  if (hints_.empty()) return {};
  const auto raw_name = rpc::member(raw_params, "name");
  const auto name = raw_name ? rpc::string_value(*raw_name) : std::nullopt;
  if (!name) return {};
  const auto at = hints_.find(*name);
  return at == hints_.end() ? ToolHints{} : at->second;
}

}  // namespace dogpipe::bridge
