#include "rpc/members.h"

#include "rpc/simd.h"

namespace dogpipe::rpc {
namespace {

std::string_view without_space(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// What stands between the outer brackets of a container that opens with `bracket`; else nothing.
std::string_view inside(std::string_view container, char bracket) {
  const std::string_view text = without_space(container);
  return text.empty() || text.front() != bracket ? std::string_view() : text.substr(1);
}

// Behind the bracket that closes the one at `at`. (Brackets of both kinds nest, so one count will
// do.)
const char* skip_container(const char* at, const char* end) {
  std::size_t depth = 0;
  for (;;) {
    at = find(at, end, [](auto block) {
      return block.is('"') | block.is('{') | block.is('}') | block.is('[') | block.is(']');
    });
    if (at == end) return end;
    const char c = *at++;
    if (c == '"') {
      at = skip_string(at, end);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (--depth == 0) {
      return at;
    }
  }
}

const char* skip_scalar(const char* at, const char* end) {
  return find(at, end, [](auto block) {
    return block.at_most(' ') | block.is(',') | block.is('}') | block.is(']');
  });
}

// Takes a value and what separates it from the next off the front of `text`, which begins with it.
std::string_view take_value(std::string_view& text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  switch (*begin) {
    case '"':
      at = skip_string(begin + 1, end);
      break;
    case '{':
    case '[':
      at = skip_container(begin, end);
      break;
    default:
      at = skip_scalar(begin, end);
  }
  const std::string_view value = text.substr(0, static_cast<std::size_t>(at - begin));
  text = without_space(text.substr(value.size()));
  if (!text.empty())
    text = without_space(text.substr(1));  // a comma, a colon or the closing bracket
  return value;
}

bool at_end(std::string_view rest) {
  return rest.empty() || rest.front() == ']' || rest.front() == '}';
}

}  // namespace

Elements::Elements(std::string_view array) : rest_(without_space(inside(array, '['))) {}

std::optional<std::string_view> Elements::next() {
  if (at_end(rest_)) return std::nullopt;
  return take_value(rest_);
}

Members::Members(std::string_view object) : rest_(without_space(inside(object, '{'))) {}

std::optional<Member> Members::next() {
  if (at_end(rest_)) return std::nullopt;
  const std::string_view key = take_value(rest_);
  if (rest_.empty() || key.size() < 2) return std::nullopt;
  return Member{key.substr(1, key.size() - 2), take_value(rest_)};
}

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  for (Members members(object); const auto found = members.next();) {
    if (spells(found->key, key)) return found->value;
  }
  return std::nullopt;
}

}  // namespace dogpipe::rpc
