#include "http/message.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace dogpipe::http {
namespace {

bool is_token(char c) {
  return (c >= '0' && c <= '9') || (base::lower(c) >= 'a' && base::lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool valid_field(std::string_view name, std::string_view value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
         });
}

void ResponseHead::add_line(std::string_view line) {
  const bool first = text_.empty() || ended_;
  ended_ = line == "\r\n" || line == "\n";
  if (!first || line.substr(0, 5) != "HTTP/") {
    text_ += line;
    return;
  }
  text_ = line;
  status_ = 0;
  const std::string_view rest = base::trimmed(line.substr(std::min(line.find(' '), line.size())));
  const std::string_view digits = rest.substr(0, 3);
  std::from_chars(digits.data(), digits.data() + digits.size(), status_);
}

// Calls go_on(value) for each field of that name until it returns false.
template <class GoOn>
void ResponseHead::for_each(std::string_view name, GoOn go_on) const {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && base::same_without_case(line.substr(0, colon), name) &&
        !go_on(base::trimmed(line.substr(colon + 1)))) {
      return;
    }
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

std::optional<std::string_view> ResponseHead::field(std::string_view name) const {
  std::optional<std::string_view> first;
  for_each(name, [&first](std::string_view value) {
    first = value;
    return false;
  });
  return first;
}

std::string ResponseHead::fields(std::string_view name) const {
  std::string all;
  for_each(name, [&all](std::string_view value) {
    if (!all.empty()) all += ", ";
    all += value;
    return true;
  });
  return all;
}

std::string ResponseHead::media_type() const {
  const std::string_view value = field("content-type").value_or("");
  return base::lower(base::trimmed(value.substr(0, value.find(';'))));
}

}  // namespace dogpipe::http
