#include "http/retry_after.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace dogpipe::http {
namespace {

using std::chrono::seconds;

// Longer waits are all the same to us, and cannot overflow.
constexpr seconds kLongest = std::chrono::hours(24 * 365);

}  // namespace

std::optional<std::chrono::milliseconds> read_retry_after(
    std::string_view value, std::chrono::system_clock::time_point now) {
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    seconds::rep count = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (failure == std::errc::result_out_of_range) return kLongest;
    return std::min(seconds(count), kLongest);
  }
  const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const seconds wait = seconds(date) - std::chrono::duration_cast<seconds>(now.time_since_epoch());
  return std::clamp(wait, seconds(0), kLongest);
}

}  // namespace dogpipe::http
