// Numbers as people and JSON write them.
#pragma once

#include <optional>
#include <string_view>

namespace dogpipe::base {

// The whole text as the nearest double: digits with at most one point among them, maybe a minus
// before and an exponent behind. Nothing for other text ("+1", " 1", "0x1", "inf") and for what
// lies beyond the range of a double, on either end.
//
// std::from_chars() does the same, but libc++ has none, and libstdc++'s makes every program that
// names it load libm, for code that is then thrown away. Relies on nobody calling setlocale().
std::optional<double> read_number(std::string_view text);

}  // namespace dogpipe::base
