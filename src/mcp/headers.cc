#include "mcp/headers.h"

#include <algorithm>

namespace dogpipe::mcp {
namespace {

constexpr std::size_t kLongestSessionId = 1024;

}  // namespace

bool valid_session_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestSessionId &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace dogpipe::mcp
