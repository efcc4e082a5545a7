#include "rpc/id.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "rpc/text.h"

namespace dogpipe::rpc {
namespace {

// Nothing where the number is no finite double: such ids are the same only byte for byte.
std::optional<double> number(std::string_view token) {
#if defined(__cpp_lib_to_chars)
  double value = 0;
  const char* const end = token.data() + token.size();
  const auto [stop, failure] = std::from_chars(token.data(), end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
#else  // libc++ before 20
  const std::string copy(token);
  char* stop = nullptr;
  const double value = std::strtod(copy.c_str(), &stop);
  if (stop != copy.c_str() + copy.size() || !std::isfinite(value)) return std::nullopt;
#endif
  return value;
}

}  // namespace

bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (const auto text = string_value(a)) return text == string_value(b);
  const auto value = number(a);
  return value && value == number(b);
}

}  // namespace dogpipe::rpc
