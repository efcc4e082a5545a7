// Whatever a token file holds, reading it ends well; and what was read is written, read back and
// written again the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/stored.h"

namespace dogpipe::auth {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::string_view text) {
  const auto stored = read_stored(text);
  if (!stored) {
    require(stored.error().kind != base::Kind::untrusted);
    require(stored.error().what.find('\n') == std::string::npos);
    return;
  }
  const auto written = write_stored(*stored);
  require(written.has_value());
  const auto again = read_stored(written->reveal());
  require(again.has_value());
  require(again->grants.size() == stored->grants.size());
  require(again->registrations.size() == stored->registrations.size());
  const auto rewritten = write_stored(*again);
  require(rewritten && rewritten->reveal() == written->reveal());
}

}  // namespace
}  // namespace dogpipe::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dogpipe::auth::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
