// Messages in a form that can be compared: the order of members and the whitespace between those of
// an envelope do not count, every byte of their values does.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "mcp/revision.h"
#include "rpc/envelope.h"
#include "rpc/members.h"
#include "rpc/one_line.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {

using Fields = std::map<std::string, std::string, std::less<>>;  // raw values by escaped name

inline Fields fields_of(std::string_view raw) {
  Fields fields;
  for (rpc::Members members(raw); const auto member = members.next();) {
    fields.emplace(member->key, member->value);
  }
  return fields;
}

inline std::string write(const Fields& fields) {
  std::string out;
  for (const auto& [name, raw] : fields) out += (out.empty() ? "\"" : ",\"") + name + "\":" + raw;
  return '{' + out + '}';
}

inline std::string get(const Fields& fields, std::string_view name) {
  const auto at = fields.find(name);
  return at == fields.end() ? std::string() : at->second;
}

inline std::string get(std::string_view raw, std::string_view name) {
  return std::string(rpc::member(raw, name).value_or(""));
}

inline bool is_object(std::string_view raw) { return raw.starts_with('{'); }

// An object with its members in order, and those of its `_meta` and of the capabilities there.
inline std::string in_order(std::string_view raw) {
  if (!is_object(raw)) return std::string(raw);
  Fields fields = fields_of(raw);
  if (const std::string meta = get(fields, "_meta"); is_object(meta)) {
    Fields its = fields_of(meta);
    const auto at = its.find(mcp::kClientCapabilities);
    if (at != its.end()) at->second = in_order(at->second);
    fields["_meta"] = write(its);
  }
  return write(fields);
}

// Stands for whatever error the bridge makes of that code: its texts are for people.
inline std::string ours(std::string_view raw_id, int code) {
  return rpc::write_error(raw_id, code, "", R"({"source":"dogpipe"})");
}

inline std::string error_in_order(std::string_view raw) {
  const bool of_bridge = get(get(raw, "data"), "source") == R"("dogpipe")";
  return of_bridge ? "ours " + get(raw, "code") : in_order(raw);
}

inline std::string normal(std::string_view text) {
  Fields fields = fields_of(text);
  for (const char* name : {"params", "result"}) {
    if (const auto at = fields.find(name); at != fields.end()) at->second = in_order(at->second);
  }
  if (const auto at = fields.find("error"); at != fields.end()) {
    at->second = error_in_order(at->second);
  }
  if (const auto at = fields.find("method"); at != fields.end()) {
    at->second = rpc::quoted(rpc::string_value(at->second).value_or(""));
  }
  return write(fields);
}

// As it goes over a pipe.
inline std::string on_one_line(std::string_view text) {
  base::Bytes bytes(text);
  rpc::Envelope envelope = *rpc::scan(text);
  if (envelope.multi_line) rpc::one_line(bytes, envelope);
  return std::string(bytes.view());
}

}  // namespace dogpipe::bridge
