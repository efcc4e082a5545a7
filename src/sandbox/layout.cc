#include "sandbox/layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace dogpipe::sandbox {
namespace {

constexpr std::size_t kBytesPerToken = 4;  // as good an estimate as any

std::size_t budget_bytes(const json::Value& arguments) {
  const auto tokens =
      std::clamp<std::int64_t>(arguments["max_tokens"].integer_or(10000), 1, 1 << 24);
  return static_cast<std::size_t>(tokens) * kBytesPerToken;
}

std::string cell(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string line(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& each : cells) {
    if (&each != &cells.front()) text += '\t';
    text += cell(each);
  }
  return text += '\n';
}

std::string tag(std::string_view name, std::string_view value) {
  return fmt::format("  <{0}>{1}</{0}>\n", name, value);
}

}  // namespace

ToolAnswer Table::answer(json::Value arguments) const {
  const std::size_t budget = budget_bytes(arguments);
  const auto wanted = arguments["start_at"].integer_or(0);
  const std::size_t begin =
      std::min(static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0)), rows_.size());
  std::string rows = line(columns_);
  std::size_t end = begin;
  // One row always, so that a reader gets on.
  for (; end < rows_.size(); ++end) {
    std::string next = line(rows_[end]);
    if (end > begin && rows.size() + next.size() > budget) break;
    rows += next;
  }
  std::string text = "<METADATA>\n" + tag("count", fmt::to_string(end - begin)) +
                     tag("total", fmt::to_string(rows_.size()));
  for (const auto& [name, value] : notes_) text += tag(name, value);
  if (end < rows_.size()) {
    text += tag("truncated", "true") + tag("next_start_at", fmt::to_string(end)) +
            tag("note", fmt::format("Output truncated to about {} tokens. For the next rows pass "
                                    "start_at={}, for more at once a larger max_tokens.",
                                    budget / kBytesPerToken, end));
  }
  return {text + "</METADATA>\n<TSV_DATA>\n" + rows + "</TSV_DATA>\n", "", false};
}

ToolAnswer json_answer(std::string json, json::Value arguments, bool widget) {
  const std::size_t budget = budget_bytes(arguments);
  std::string text = "<METADATA>\n" + tag("count", "1");
  std::string shown = json;
  if (shown.size() > budget) {
    std::size_t end = budget;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    text +=
        tag("truncated", "true") +
        tag("note", fmt::format("Output truncated to about {} tokens; pass a larger max_tokens.",
                                budget / kBytesPerToken));
  }
  text += "</METADATA>\n<JSON_DATA>\n" + shown + "\n</JSON_DATA>\n";
  return {std::move(text), widget ? std::move(json) : std::string(), false};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

std::string number_text(double number) { return fmt::format("{:.6g}", number); }

}  // namespace dogpipe::sandbox
