#include "sandbox/form.h"

#include <algorithm>

namespace dogpipe::sandbox {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

Form::Form(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t mark = pair.find('=');
    if (!pair.empty()) {
      const bool bare = mark == std::string_view::npos;
      add(percent_decoded(pair.substr(0, mark)),
          bare ? std::string() : percent_decoded(pair.substr(mark + 1)));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

Form& Form::add(std::string_view name, std::string_view value) {
  pairs_.emplace_back(name, value);
  return *this;
}

bool Form::has(std::string_view name) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& p) { return p.first == name; });
}

std::string Form::value(std::string_view name) const {
  const auto found =
      std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& p) { return p.first == name; });
  return found == pairs_.end() ? "" : found->second;
}

std::optional<std::string> Form::repeated() const {
  for (auto pair = pairs_.begin(); pair != pairs_.end(); ++pair) {
    const auto again = std::find_if(pair + 1, pairs_.end(),
                                    [&](const auto& other) { return other.first == pair->first; });
    if (again != pairs_.end()) return pair->first;
  }
  return std::nullopt;
}

std::string Form::text() const {
  std::string out;
  for (const auto& [name, value] : pairs_) {
    if (!out.empty()) out += '&';
    out += percent_encoded(name) + '=' + percent_encoded(value);
  }
  return out;
}

std::string with_query(std::string_view url, const Form& form) {
  std::string out(url);
  out += url.find('?') == std::string_view::npos ? '?' : '&';
  return out + form.text();
}

std::vector<std::string> words(std::string_view list) {
  std::vector<std::string> found;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (end > 0) found.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return found;
}

}  // namespace dogpipe::sandbox
