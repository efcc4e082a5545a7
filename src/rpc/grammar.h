// JSON as such (RFC 8259, ECMA-404), recognised byte by byte as it arrives.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rpc/message.h"
#include "rpc/number.h"

namespace dogpipe::rpc {

enum class Token : std::uint8_t { object, array, string, number, literal };

// Told by a Grammar what stands directly inside the outermost object or array.
class Outline {
 public:
  Outline() = default;
  Outline(const Outline&) = default;
  Outline& operator=(const Outline&) = default;
  virtual ~Outline() = default;

  // The text as a whole is a value of this kind. Comes first.
  virtual void outermost(Token token) = 0;
  // The name of the next value: what stands between the quotes, or nothing beyond kLongestText.
  virtual void key(std::string_view escaped) = 0;
  // `text`: a scalar as written; empty for objects, arrays and what is longer than kLongestText.
  virtual void value(Token token, Span where, std::string_view text) = 0;
};

class Grammar {
 public:
  static constexpr std::size_t kDeepest = 512;
  static constexpr std::size_t kLongestText = 1024;

  // No more is looked at after the first flaw.
  void feed(std::string_view more, Outline& outline);
  // Whether all that was fed is exactly one JSON text.
  bool complete() const;
  // Why it is none: a fixed text.
  std::string_view flaw() const;
  // Whether a CR or LF stood outside the strings.
  bool multi_line() const { return multi_line_; }
  void reset();

 private:
  // What must come next, or what the last byte stands in. Scalars first: see hold().
  enum class State : std::uint8_t {
    number,
    string,
    escape,  // behind the backslash
    hex,
    utf8,  // a continuation byte
    literal,
    value,
    value_or_end,  // behind `[`
    key,
    key_or_end,  // behind `{`
    colon,
    after_value,
    broken,
  };

  // Each makes progress from `at`, which is not the end, and returns the first byte not taken.
  const char* step(const char* at, const char* end);
  const char* value(const char* at, const char* end);
  const char* key(const char* at, const char* end);
  const char* colon(const char* at, const char* end);
  const char* after_value(const char* at, const char* end);
  const char* string(const char* at, const char* end);
  const char* escape(const char* at, const char* end);
  const char* hex(const char* at, const char* end);
  const char* utf8(const char* at, const char* end);
  const char* number(const char* at, const char* end);
  const char* literal(const char* at, const char* end);
  const char* skip_space(const char* at, const char* end);
  const char* reject(const char* end, std::string_view flaw);

  const char* open(const char* at, const char* end, Token token);
  const char* close(const char* at);
  const char* first_of_number(const char* at, const char* end);
  const char* begin_literal(const char* at, const char* end, const char* spelling);
  const char* begin_utf8(const char* at, const char* end);
  void begin(const char* at, Token token);
  const char* end_string(const char* at);
  void end_value(const char* at);
  void report_value(const char* at);

  std::size_t offset(const char* at) const;
  std::string_view text(std::size_t begin, const char* end);
  void hold(const char* end);

  State state_ = State::value;
  Token token_ = Token::literal;  // the scalar that began last
  bool is_key_ = false;           // that scalar is a key
  bool in_object_ = false;
  bool multi_line_ = false;
  Number number_ = Number::minus;
  std::uint8_t hex_left_ = 0;
  std::uint8_t utf8_left_ = 0;
  unsigned char utf8_low_ = 0;  // bounds of the next continuation byte
  unsigned char utf8_high_ = 0;
  const char* literal_left_ = nullptr;
  std::size_t depth_ = 0;
  std::bitset<kDeepest + 1> objects_;  // by depth: object or array?

  const char* chunk_ = nullptr;  // what feed() was given last, and its offset
  std::size_t chunk_offset_ = 0;
  std::size_t token_begin_ = 0;
  std::size_t outer_begin_ = 0;  // of the value at depth 1 that is open
  Token outer_token_ = Token::literal;
  std::string held_;  // a scalar at depth 1 that was cut by the end of a chunk
  std::string_view flaw_;
  Outline* outline_ = nullptr;
};

}  // namespace dogpipe::rpc
