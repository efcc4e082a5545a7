#include "bridge/catalogue.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

// Enough for any server; a hostile list must not grow without end.
constexpr std::size_t kMostTools = 10'000;

bool says(std::string_view annotations, std::string_view hint) {
  return rpc::member(annotations, hint) == "true";
}

ToolHints read_hints(std::string_view raw_tool) {
  const auto annotations = rpc::member(raw_tool, "annotations");
  if (!annotations) return {};
  return {says(*annotations, "readOnlyHint"), says(*annotations, "idempotentHint")};
}

std::optional<std::string> name_in(std::string_view object) {
  const auto raw_name = rpc::member(object, "name");
  return raw_name ? rpc::string_value(*raw_name) : std::nullopt;
}

mcp::Checked check(std::string_view raw_tool) {
  const auto schema = rpc::member(raw_tool, "inputSchema");
  return mcp::read_schema_headers(schema.value_or(std::string_view()));
}

void warn(const std::optional<std::string>& name, std::string_view flaw) {
  // The name last: it may be as long as it likes.
  base::log(base::LogLevel::warn, "a tool is not offered: {} ({})", flaw,
            base::printable(name.value_or("it has no name")));
}

}  // namespace

void Catalogue::observe(std::string_view raw_result) {
  const auto tools = rpc::member(raw_result, "tools");
  if (!tools) return;
  rpc::for_each_element(*tools, [this](std::string_view tool) {
    mcp::Checked checked = check(tool);
    keep(tool, checked ? std::move(checked.headers) : mcp::SchemaHeaders());
  });
}

// Whatever stands under the name "tools" is filtered, however often: which one a host reads is its
// own affair.
std::optional<base::Bytes> Catalogue::observe_modern(std::string_view raw_result) {
  std::optional<base::Bytes> filtered;
  std::size_t taken = 0;
  for (rpc::Members members(raw_result); const auto member = members.next();) {
    if (!rpc::spells(member->key, "tools")) continue;
    const auto tools = filter(member->value);
    if (!tools) continue;
    if (!filtered) filtered.emplace();
    const auto begin = static_cast<std::size_t>(member->value.data() - raw_result.data());
    filtered->append(raw_result.substr(taken, begin - taken));
    filtered->append(tools->view());
    taken = begin + member->value.size();
  }
  if (filtered) filtered->append(raw_result.substr(taken));
  return filtered;
}

std::optional<base::Bytes> Catalogue::filter(std::string_view raw_tools) {
  std::vector<std::string_view> offered;
  bool all = true;
  rpc::for_each_element(raw_tools, [&](std::string_view tool) {
    mcp::Checked checked = check(tool);
    if (checked) {
      offered.push_back(tool);
      return keep(tool, std::move(checked.headers));
    }
    all = false;
    const auto name = name_in(tool);
    if (name) tools_.erase(*name);
    warn(name, checked.flaw);
  });
  if (all) return std::nullopt;
  base::Bytes array("[");
  for (const std::string_view tool : offered) {
    if (array.size() > 1) array.append(',');
    array.append(tool);
  }
  array.append(']');
  return array;
}

void Catalogue::keep(std::string_view raw_tool, mcp::SchemaHeaders headers) {
  const auto name = name_in(raw_tool);
  if (!name || (tools_.size() >= kMostTools && tools_.find(*name) == tools_.end())) return;
  tools_[*name] = {trusted_ ? read_hints(raw_tool) : ToolHints(), std::move(headers)};
}

const Catalogue::Tool* Catalogue::find(std::string_view raw_params) const {
  if (tools_.empty()) return nullptr;
  const auto name = name_in(raw_params);
  if (!name) return nullptr;
  const auto at = tools_.find(*name);
  return at == tools_.end() ? nullptr : &at->second;
}

ToolHints Catalogue::hints_for(std::string_view raw_params) const {
  const Tool* const tool = find(raw_params);
  return tool == nullptr ? ToolHints() : tool->hints;
}

mcp::Fields Catalogue::fields_for(std::string_view raw_params) const {
  const Tool* const tool = find(raw_params);
  const auto arguments = rpc::member(raw_params, "arguments");
  return tool && arguments ? mcp::mirrored_fields(tool->headers, *arguments) : mcp::Fields();
}

bool Catalogue::knows(std::string_view raw_params) const { return find(raw_params) != nullptr; }

}  // namespace dogpipe::bridge
