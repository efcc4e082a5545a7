// Finding one's way in JSON that a Scanner has accepted. Nothing is checked again, but nothing
// outside the given view is ever read. Skipping costs about what memchr() would.
#pragma once

#include <optional>
#include <string_view>

#include "rpc/text.h"

namespace dogpipe::rpc {

// The raw elements of an array, one after the other; none if the value is no array.
class Elements {
 public:
  explicit Elements(std::string_view array);
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;  // begins before an element, or is empty
};

struct Member {
  std::string_view key;    // between the quotes, still escaped: compare with spells()
  std::string_view value;  // raw
};

// The members of an object, one after the other; none if the value is no object.
class Members {
 public:
  explicit Members(std::string_view object);
  std::optional<Member> next();

 private:
  std::string_view rest_;
};

// The raw value of the first member of that name.
std::optional<std::string_view> member(std::string_view object, std::string_view key);

template <class Function>
void for_each_element(std::string_view array, Function&& function) {
  for (Elements elements(array); const auto element = elements.next();) function(*element);
}

}  // namespace dogpipe::rpc
