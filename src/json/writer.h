// JSON texts of our own, written piece by piece.
//
//   json::Writer out;
//   out.begin_object().member("name", "dogpipe").name("ids").begin_array().value(1).end_array();
//   std::string text = out.end_object().take();
//
// The caller keeps begin and end in pairs and names before values. Bytes that are not UTF-8 become
// U+FFFD, so that the outcome is always JSON.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace dogpipe::json {

class Writer {
 public:
  enum class Layout : std::uint8_t { compact, pretty };

  explicit Writer(Layout layout = Layout::compact);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& name(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(double number);  // shortest text that reads back the same; not finite: null
  Writer& value(std::same_as<bool> auto truth) { return boolean(truth); }
  Writer& value(std::signed_integral auto number) { return integer(number); }
  Writer& value(std::unsigned_integral auto number) requires(
      !std::same_as<decltype(number), bool>) {
    return whole(number);
  }
  Writer& value(const Value& tree);  // numbers as spelled; what does not exist becomes null
  Writer& null();
  // A JSON text, taken as it is.
  Writer& raw(std::string_view json);

  Writer& member(std::string_view key, const auto& content) {
    name(key);
    return value(content);
  }
  Writer& raw_member(std::string_view key, std::string_view json) {
    name(key);
    return raw(json);
  }

  // The text so far, which is the whole when everything begun has ended. Leaves the writer empty.
  std::string take();

 private:
  struct State;

  Writer& boolean(bool truth);
  Writer& integer(std::int64_t number);
  Writer& whole(std::uint64_t number);

  std::unique_ptr<State> state_;
};

// The value as a compact text: numbers as spelled, names and strings escaped anew.
std::string write(const Value& value, Writer::Layout layout = Writer::Layout::compact);
// A string as a JSON text, quotes included.
std::string quoted(std::string_view text);

}  // namespace dogpipe::json
