#include "rpc/id.h"

#include "base/number.h"
#include "rpc/text.h"

namespace dogpipe::rpc {

bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (const auto text = string_value(a)) return text == string_value(b);
  // What is no finite double is the same only byte for byte.
  const auto value = base::read_number(a);
  return value && value == base::read_number(b);
}

}  // namespace dogpipe::rpc
