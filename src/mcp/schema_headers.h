// Arguments of a tool that go into header fields as well: `x-mcp-header` in its inputSchema (MCP
// 2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters").
//
// Schemas are a server's and arguments a host's: both are JSON that a Scanner has accepted, and
// beyond that anything. Nothing outside of them is looked at: `$ref` is not followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/request_fields.h"

namespace dogpipe::mcp {

struct Mirror {
  enum class Type : std::uint8_t { string, integer, boolean };

  std::vector<std::string> path;  // names of properties, from the arguments inwards
  std::string header;             // the field's whole name: "Mcp-Param-Region"
  Type type = Type::string;

  bool operator==(const Mirror&) const = default;
};

struct SchemaHeaders {
  std::vector<Mirror> mirrors;  // in the order of the schema
};

// Our own limits, beyond which a tool is as good as invalid.
inline constexpr std::size_t kMostMirrors = 64;
inline constexpr std::size_t kLongestHeaderName = 128;  // bytes, without Mcp-Param-
inline constexpr std::size_t kLongestPathBytes = 4096;
inline constexpr std::size_t kDeepestSchema = 64;  // objects and arrays inside each other

// The mirrors of a schema, or why the tool must not be offered.
struct Checked {
  SchemaHeaders headers;
  std::string_view flaw;  // a fixed text; empty: there is none

  explicit operator bool() const { return flaw.empty(); }
};

// A schema that is no object, or absent (empty), has no mirrors. A search through data (`enum`,
// `const`, `default`, `examples`) is not made: what looks like an annotation there is none.
Checked read_schema_headers(std::string_view raw_input_schema);

// The fields for these arguments; none for what is absent, null, of another type than declared, or
// an integer outside of +-(2^53 - 1). Of a name that is there twice the last one counts, as for
// nearly every reader of JSON.
Fields mirrored_fields(const SchemaHeaders& headers, std::string_view raw_arguments);

}  // namespace dogpipe::mcp
