#include "base/number.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>

namespace dogpipe::base {

std::optional<double> read_number(std::string_view text) {
  // strtod() alone would take blanks, a plus, hexadecimals, "inf" and "nan".
  if (text.empty() || text.front() == '+') return std::nullopt;
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  if (errno == ERANGE && (number == 0 || !std::isfinite(number))) return std::nullopt;
  return number;
}

}  // namespace dogpipe::base
