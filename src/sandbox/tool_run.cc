#include "sandbox/tool_run.h"

#include <algorithm>
#include <cstdint>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

std::string padded(std::size_t bytes) {
  static constexpr std::string_view kLine =
      "The quick brown fox jumps over the lazy dog 0123456789. ";
  std::string text;
  text.reserve(bytes);
  while (text.size() < bytes) text += kLine.substr(0, bytes - text.size());
  return text;
}

ToolAnswer run(const Tool& tool, const Context& context, json::Value arguments) {
  const json::Value wishes = arguments["_sandbox"];
  const auto missing =
      std::find_if(tool.required.begin(), tool.required.end(),
                   [&](const std::string& argument) { return !arguments[argument].exists(); });
  if (tool.wants_intent && arguments["telemetry"]["intent"].text_or("").empty()) {
    return tool_error("Invalid arguments: telemetry.intent is required.");
  }
  if (context.quirks.forbid_calls == Forbid::by_result) {
    return tool_error("Forbidden: your role lacks the permission mcp_read.");
  }
  if (missing != tool.required.end()) {
    return tool_error("Invalid arguments: " + *missing + " is required.");
  }
  if (!wishes["bytes"].exists()) return tool.run(context.world, arguments);
  const auto bytes =
      std::clamp<std::int64_t>(wishes["bytes"].integer_or(0), 0, std::int64_t{1} << 30);
  return {padded(static_cast<std::size_t>(bytes)), "", false};
}

std::string write_result(const ToolAnswer& answer, const Request& request, json::Value wishes) {
  json::Writer out;
  out.begin_object().name("content").begin_array();
  out.begin_object().member("type", "text").member("text", answer.text).end_object();
  for (const std::string& reply : request.answers) {
    out.begin_object().member("type", "text").member("text", reply).end_object();
  }
  out.end_array();
  if (const json::Value raw = wishes["raw"]; raw.is_string()) {
    out.name("structuredContent").begin_object().raw_member("raw", raw.text_or("")).end_object();
  } else if (!answer.structured.empty()) {
    out.raw_member("structuredContent", answer.structured);
  }
  if (answer.is_error || wishes["is_error"].bool_or(false)) out.member("isError", true);
  return out.end_object().take();
}

}  // namespace

Outcome run_tool(const Request& request) {
  const std::string name(request.params["name"].text_or(""));
  const json::Value arguments = request.params["arguments"];
  const json::Value wishes = arguments["_sandbox"];
  const Tool* tool = request.visit.find_tool(name);
  if (tool == nullptr) return failure(-32602, "Unknown tool: " + name);
  if (const auto code = wishes["error"].integer_or(0); code != 0) {
    return failure(code, "an error was asked for");
  }
  return success(write_result(run(*tool, request.visit.context, arguments), request, wishes));
}

}  // namespace dogpipe::sandbox
