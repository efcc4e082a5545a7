#include "http/sse.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace dogpipe::http {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kData = "data";
// Nobody waits longer, and arithmetic on it cannot overflow.
constexpr std::chrono::milliseconds kLongestRetry = std::chrono::hours(1);

// Where the line ends in `text`: the first CR or LF.
std::size_t line_end(std::string_view text) {
  const std::size_t lf = text.find('\n');
  const std::size_t cr = text.substr(0, lf).find('\r');
  return std::min(lf, cr);
}

}  // namespace

void SseReader::feed(std::string_view more) {
  while (!more.empty()) {
    if (std::exchange(after_cr_, false) && more.front() == '\n') {
      more.remove_prefix(1);
      continue;
    }
    const std::size_t end = line_end(more);
    take_line_piece(more.substr(0, end));
    if (end == std::string_view::npos) return;
    after_cr_ = more[end] == '\r';
    more.remove_prefix(end + 1);
    end_line();
  }
}

void SseReader::take_line_piece(std::string_view piece) {
  if (piece.empty()) return;
  line_begun_ = true;
  // The start of a line is gathered until it is clear what it is: `data:` and, before all, a BOM.
  while (!in_data_ && !piece.empty()) {
    if (line_.size() < kLongestField) line_ += piece.front();
    piece.remove_prefix(1);
    if (at_start_ && line_ == kBom) {
      line_.clear();
      line_begun_ = !piece.empty();
      at_start_ = false;
    } else if (line_.size() == kData.size() + 1 && line_.back() == ':' &&
               line_.compare(0, kData.size(), kData) == 0) {
      in_data_ = space_may_come_ = true;
      if (std::exchange(has_data_, true)) {
        events_.on_event_data("\n");
        data_empty_ = false;
      }
    } else if (line_.size() > kData.size()) {
      line_.append(piece.substr(0, kLongestField - std::min(line_.size(), kLongestField)));
      return;
    }
  }
  if (piece.empty()) return;
  if (std::exchange(space_may_come_, false) && piece.front() == ' ') piece.remove_prefix(1);
  if (piece.empty()) return;
  data_empty_ = false;
  events_.on_event_data(piece);
}

void SseReader::end_line() {
  at_start_ = false;
  const bool blank = !line_begun_;
  if (blank) {
    end_event();
  } else if (!in_data_) {
    end_field();
  }
  line_.clear();
  in_data_ = space_may_come_ = line_begun_ = false;
}

// A whole line that did not begin with "data:".
void SseReader::end_field() {
  const std::size_t colon = line_.find(':');
  const std::string_view line = line_;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string::npos ? std::string_view() : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (name == "event") {
    event_type_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) pending_id_ = value;
  } else if (name == "retry") {
    std::chrono::milliseconds::rep number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool digits_only = value.find_first_not_of("0123456789") == std::string_view::npos;
    if (failure == std::errc() && end == value.data() + value.size() && digits_only) {
      retry_ = std::min(std::chrono::milliseconds(number), kLongestRetry);
    }
  } else if (name == kData) {  // without a colon: an empty line of data
    if (std::exchange(has_data_, true)) {
      events_.on_event_data("\n");
      data_empty_ = false;
    }
  }
}

void SseReader::end_event() {
  last_event_id_ = pending_id_;
  if (has_data_ && !data_empty_) events_.on_event(event_type_);
  event_type_.clear();
  has_data_ = false;
  data_empty_ = true;
}

}  // namespace dogpipe::http
