#include "bridge/ascent/legacy_result.h"

#include "json/reader.h"
#include "json/writer.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

bool is_object(std::string_view raw) { return raw.starts_with('{'); }

bool says(std::optional<std::string_view> raw, std::string_view text) {
  return raw && rpc::string_value(*raw) == text;
}

void append(std::string& array, std::string_view element) {
  array += array.empty() ? '[' : ',';
  array += element;
}

std::string closed(std::string array) { return array.empty() ? "[]" : std::move(array) + ']'; }

bool remove_meta(rpc::ObjectEdit& result) {
  rpc::ObjectEdit meta(result.get("_meta").value_or(""));
  if (!meta.remove(mcp::kServerInfo)) return false;
  if (meta.empty()) return result.remove("_meta");
  result.set("_meta", meta.write());
  return true;
}

bool remove_newer_members(rpc::ObjectEdit& result) {
  bool changed = remove_meta(result);
  for (const char* key : {"resultType", "ttlMs", "cacheScope"}) changed |= result.remove(key);
  return changed;
}

bool has_foreign_schema(std::string_view tool) {
  const auto schema = rpc::member(tool, "outputSchema");
  return schema && !says(rpc::member(*schema, "type"), "object");
}

std::string without_schema(std::string_view tool) {
  rpc::ObjectEdit edit(tool);
  edit.remove("outputSchema");
  return edit.write();
}

bool mend_tools(rpc::ObjectEdit& result) {
  bool changed = false;
  std::string tools;
  rpc::for_each_element(result.get("tools").value_or(""), [&](std::string_view tool) {
    const bool foreign = has_foreign_schema(tool);
    append(tools, foreign ? without_schema(tool) : std::string(tool));
    changed |= foreign;
  });
  if (changed) result.set("tools", closed(std::move(tools)));
  return changed;
}

// Compact, or nothing if that takes too long.
std::optional<std::string> normal(std::string_view json) {
  const auto document = json::read(json);
  if (!document) return std::nullopt;
  return json::write(document->root());
}

bool is_text_block(std::string_view block, std::string_view normal_json) {
  if (!says(rpc::member(block, "type"), "text")) return false;
  const auto text = rpc::string_value(rpc::member(block, "text").value_or(""));
  return text && normal(*text) == normal_json;
}

bool mend_structured_content(rpc::ObjectEdit& result) {
  const auto structured = result.get("structuredContent");
  if (!structured || is_object(*structured)) return false;
  const auto wanted = normal(*structured);
  bool there = false;
  std::string content;
  rpc::for_each_element(result.get("content").value_or(""), [&](std::string_view block) {
    there |= wanted && is_text_block(block, *wanted);
    append(content, block);
  });
  if (!there) {
    append(content, R"({"type":"text","text":)" + rpc::quoted(*structured) + "}");
    result.set("content", closed(std::move(content)));
  }
  return result.remove("structuredContent");
}

}  // namespace

ResultType result_type(std::string_view raw_result) {
  const auto type = rpc::member(raw_result, "resultType");
  if (!type || says(type, "complete")) return ResultType::complete;
  return says(type, "input_required") ? ResultType::input_required : ResultType::unknown;
}

std::optional<std::string> legacy_result(std::string_view method, std::string_view raw_result) {
  if (!is_object(raw_result)) return std::nullopt;
  rpc::ObjectEdit result(raw_result);
  bool changed = remove_newer_members(result);
  if (method == "tools/list") changed |= mend_tools(result);
  if (method == "tools/call") changed |= mend_structured_content(result);
  if (!changed) return std::nullopt;
  return result.write();
}

}  // namespace dogpipe::bridge::ascent
