// Requests and replies of the HTTP server, as values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dogpipe::event {

// Equal but for the case of ASCII letters.
inline bool same_field(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// Fields in the order of the message. Names compare without regard to case (RFC 9110 section 5.1).
class HttpFields {
 public:
  HttpFields() = default;
  HttpFields(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // The first of that name.
  std::optional<std::string_view> find(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
      if (same_field(key, name)) return value;
    }
    return std::nullopt;
  }
  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        fields_.begin(), fields_.end(), [&](const auto& f) { return same_field(f.first, name); }));
  }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;
  std::string path;   // as sent, percent-encoding and all
  std::string query;  // what follows the first '?', as sent
  HttpFields fields;
  std::string body;
};

struct HttpReply {
  int status = 200;
  HttpFields fields;  // Content-Length, Transfer-Encoding, Connection and Date are the server's
  std::string body;
  // Announces more bytes than the body has, and cuts the connection where it ends.
  std::optional<std::size_t> promised_bytes;
};

}  // namespace dogpipe::event
