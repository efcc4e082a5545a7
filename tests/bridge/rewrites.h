// All that a message may lose or gain between two ends of the same era with the other era between
// them. Whatever is not named here must come through byte for byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::rewrites {

inline bool reserved(std::string_view name) { return name.starts_with("io.modelcontextprotocol/"); }

inline void drop_if_empty(Fields& fields, std::string_view name) {
  if (get(fields, name) == "{}") fields.erase(fields.find(name));
}

// The params of what a host sends:
//   task            tasks of 2025-11-25 are no part of 2026-07-28
//   _meta           what is reserved says in the newer era what the older says once; what is then
//                   empty goes, and so does what is no object
//   no params       are empty params: in the newer era each message has some
inline std::string host_params(std::string_view raw) {
  Fields params = fields_of(raw);
  params.erase("task");
  Fields meta = fields_of(get(params, "_meta"));
  std::erase_if(meta, [](const auto& one) { return reserved(one.first); });
  params["_meta"] = write(meta);
  drop_if_empty(params, "_meta");
  return write(params);
}

// The params of what the server announces: without what the tags leave empty.
inline std::string announced_params(std::string_view raw) {
  Fields params = fields_of(raw);
  drop_if_empty(params, "_meta");
  return params.empty() ? std::string() : write(params);
}

// What the server asks:
//   task              as above
//   elicitationId     not in the newer era; the older one gets another
//   _meta             no progress on questions and no tasks in the newer era; empty ones go
inline std::string question_params(std::string_view raw) {
  Fields params = fields_of(raw);
  params.erase("task");
  params.erase("elicitationId");
  Fields meta = fields_of(get(params, "_meta"));
  meta.erase("progressToken");
  meta.erase("io.modelcontextprotocol/related-task");
  params["_meta"] = write(meta);
  drop_if_empty(params, "_meta");
  return params.empty() ? std::string() : write(params);
}

// Of tools/list: tools that can only be called as tasks go, and so does an outputSchema for what is
// no object, which is of the newer era alone.
inline std::string tools(std::string_view raw) {
  std::string out;
  rpc::for_each_element(raw, [&](std::string_view tool) {
    if (get(get(tool, "execution"), "taskSupport") == R"("required")") return;
    rpc::ObjectEdit edit(tool);
    const std::string schema = get(tool, "outputSchema");
    const bool foreign = !schema.empty() && get(schema, "type") != R"("object")";
    if (foreign) edit.remove("outputSchema");
    out += (out.empty() ? "" : ",") + (foreign ? edit.write() : std::string(tool));
  });
  return '[' + out + ']';
}

// Of tools/call: structuredContent that is no object, which is of the newer era alone, becomes a
// text block.
inline void structured_content(Fields& result) {
  const std::string structured = get(result, "structuredContent");
  if (structured.empty() || is_object(structured)) return;
  result.erase("structuredContent");
  const std::string block = R"({"type":"text","text":)" + rpc::quoted(structured) + '}';
  std::string blocks;
  rpc::for_each_element(get(result, "content"),
                        [&](std::string_view one) { blocks.append(one).append(","); });
  result["content"] = '[' + blocks + block + ']';
}

// Results, as a host of the older era gets them:
//   resultType, ttlMs, cacheScope, serverInfo in _meta      are of the newer era alone
inline std::string legacy_result(std::string_view method, std::string_view raw) {
  if (!is_object(raw)) return std::string(raw);
  Fields result = fields_of(raw);
  for (const char* name : {"resultType", "ttlMs", "cacheScope"}) result.erase(name);
  Fields meta = fields_of(get(result, "_meta"));
  meta.erase("io.modelcontextprotocol/serverInfo");
  if (result.contains("_meta")) result["_meta"] = write(meta);
  drop_if_empty(result, "_meta");
  if (method == "tools/list" && result.contains("tools")) {
    result["tools"] = tools(result["tools"]);
  }
  if (method == "tools/call") structured_content(result);
  return write(result);
}

// ... as a host of the newer era gets them: with those members, whatever the server said there.
inline std::string modern_result(std::string_view method, std::string_view raw,
                                 std::string_view raw_server_info) {
  if (!is_object(raw)) return std::string(raw);
  Fields result = fields_of(legacy_result(method, raw));
  result["resultType"] = R"("complete")";
  if (method.ends_with("/list") || method == "resources/read") {
    result["ttlMs"] = "0";
    result["cacheScope"] = R"("private")";
  }
  Fields meta = fields_of(get(result, "_meta"));
  meta["io.modelcontextprotocol/serverInfo"] = raw_server_info;
  result["_meta"] = write(meta);
  return write(result);
}

inline std::string with_code(std::string_view raw_id, std::string_view raw_error, int code) {
  Fields error = fields_of(raw_error);
  error["code"] = std::to_string(code);
  std::string text = R"({"jsonrpc":"2.0","id":)";
  return text.append(raw_id).append(R"(,"error":)").append(write(error)).append("}");
}

// Errors to a request of that id. The codes -32020 to -32022 have a meaning in the newer era alone,
// -32002 and -32042 in the older one alone.
inline std::string error(std::string_view raw_id, std::string_view method,
                         std::string_view raw_error, bool legacy_ends) {
  const std::string raw_code = get(raw_error, "code");
  if (raw_code == "-32020" || raw_code == "-32021") return ours(raw_id, -32603);
  if (raw_code == "-32022") {
    return rpc::write_error(raw_id, -32602, "Unsupported protocol version", get(raw_error, "data"));
  }
  if (raw_code == "-32042") return with_code(raw_id, raw_error, -32603);
  const bool not_found = raw_code == "-32002" || raw_code == "-32602";
  const bool has_uri = method == "resources/read" && !get(get(raw_error, "data"), "uri").empty();
  if (not_found && has_uri && legacy_ends) return with_code(raw_id, raw_error, -32002);
  if (raw_code == "-32002") return with_code(raw_id, raw_error, -32602);
  std::string text = R"({"jsonrpc":"2.0","id":)";
  return text.append(raw_id).append(R"(,"error":)").append(raw_error).append("}");
}

// Capabilities of either side: tasks are not carried over, and an older host's news of its roots
// are not wanted in the newer era. URL elicitation is of 2025-11-25, elicitation of 2025-06-18.
inline std::string capabilities(std::string_view raw, std::string_view revision = "2025-11-25") {
  Fields out = fields_of(raw);
  out.erase("tasks");
  if (is_object(get(out, "roots"))) out["roots"] = "{}";
  Fields extensions = fields_of(get(out, "extensions"));
  extensions.erase("io.modelcontextprotocol/tasks");
  if (out.contains("extensions")) out["extensions"] = write(extensions);
  drop_if_empty(out, "extensions");
  Fields elicitation = fields_of(get(out, "elicitation"));
  if (revision < "2025-11-25") elicitation.erase("url");
  if (out.contains("elicitation")) out["elicitation"] = write(elicitation);
  if (revision < "2025-06-18") out.erase("elicitation");
  return write(out);
}

}  // namespace dogpipe::bridge::rewrites
