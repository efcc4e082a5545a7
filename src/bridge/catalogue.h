// The server's tools as last listed: what each says of itself.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "bridge/replay.h"

namespace dogpipe::bridge {

class Catalogue {
 public:
  // `trusted`: whether this server's word on its tools counts (it may be any server's).
  explicit Catalogue(bool trusted) : trusted_(trusted) {}

  // Takes the hints out of a result of tools/list. Pages add to each other.
  void observe(std::string_view raw_result);
  // The server has said that its tools have changed, or is a new one.
  void forget() { hints_.clear(); }

  // For the `params` of a tools/call; nothing is hinted of an unknown tool.
  ToolHints hints_for(std::string_view raw_params) const;

 private:
  bool trusted_;
  std::unordered_map<std::string, ToolHints> hints_;
};

}  // namespace dogpipe::bridge
