#pragma once

#include <string_view>

namespace dogpipe::rpc {

// Whether two raw id tokens name the same request. A peer that parses ids and writes them anew may
// answer 1 to 1.0, a rounded number to 9007199254740993, or "é" to "\u00e9": strings are compared
// after unescaping, numbers as IEEE doubles. `1` and `"1"` differ.
bool same_id(std::string_view a, std::string_view b);

}  // namespace dogpipe::rpc
