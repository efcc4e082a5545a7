// The server's tools as last listed: what each says of itself, and which of its arguments go into
// header fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "bridge/replay.h"
#include "mcp/request_fields.h"
#include "mcp/schema_headers.h"

namespace dogpipe::bridge {

// Raw values are JSON that a Scanner has accepted.
class Catalogue {
 public:
  // `trusted`: whether this server's word on its tools counts (it may be any server's). Header
  // fields do not depend on it: they are what the server wants to be sent.
  explicit Catalogue(bool trusted) : trusted_(trusted) {}

  // Takes what there is to know out of a result of tools/list. Pages add to each other.
  void observe(std::string_view raw_result);
  // The same for a server of the modern era, whose tools must not be offered with an invalid
  // x-mcp-header: the result without them, all else byte for byte, with a warning in the log for
  // each; none where nothing is to be left out. (A legacy server's tools are all left alone.)
  std::optional<base::Bytes> observe_modern(std::string_view raw_result);
  // The server has said that its tools have changed, or is a new one.
  void forget() { tools_.clear(); }

  // These three for the `params` of a tools/call.
  // Nothing is hinted of an unknown tool.
  ToolHints hints_for(std::string_view raw_params) const;
  // Mcp-Param-*, by the tool's schema as last listed; none of an unknown one.
  mcp::Fields fields_for(std::string_view raw_params) const;
  // Whether the tool was listed, so that fields_for() is the whole truth as last known.
  bool knows(std::string_view raw_params) const;

 private:
  struct Tool {
    ToolHints hints;
    mcp::SchemaHeaders headers;
  };

  const Tool* find(std::string_view raw_params) const;
  void keep(std::string_view raw_tool, mcp::SchemaHeaders headers);
  // The array without the tools that must not be offered; none if all may be.
  std::optional<base::Bytes> filter(std::string_view raw_tools);

  bool trusted_;
  std::unordered_map<std::string, Tool> tools_;
};

}  // namespace dogpipe::bridge
