#include "rpc/grammar.h"

#include <algorithm>

#include "rpc/simd.h"
#include "rpc/utf8.h"

namespace dogpipe::rpc {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

void Grammar::feed(std::string_view more, Outline& outline) {
  if (more.empty()) return;
  outline_ = &outline;
  chunk_ = more.data();
  const char* at = more.data();
  const char* const end = at + more.size();
  while (at != end) at = step(at, end);
  hold(end);
  chunk_offset_ += more.size();
}

inline const char* Grammar::step(const char* at, const char* end) {
  switch (state_) {
    case State::value:
    case State::value_or_end:
      return value(at, end);
    case State::key:
    case State::key_or_end:
      return key(at, end);
    case State::colon:
      return colon(at, end);
    case State::after_value:
      return after_value(at, end);
    case State::string:
      return string(at, end);
    case State::escape:
      return escape(at, end);
    case State::hex:
      return hex(at, end);
    case State::utf8:
      return utf8(at, end);
    case State::literal:
      return literal(at, end);
    case State::broken:
      return end;
    case State::number:
      return number(at, end);
  }
  return end;
}

inline const char* Grammar::value(const char* at, const char* end) {
  switch (*at) {
    case '"':
      begin(at, Token::string);
      is_key_ = false;
      state_ = State::string;
      return string(at + 1, end);
    case '{':
      return open(at, end, Token::object);
    case '[':
      return open(at, end, Token::array);
    case ']':
      if (state_ == State::value_or_end) return close(at);
      break;
    case 't':
      return begin_literal(at, end, "rue");
    case 'f':
      return begin_literal(at, end, "alse");
    case 'n':
      return begin_literal(at, end, "ull");
    default:
      break;
  }
  if (begins_number(*at)) return first_of_number(at, end);
  return skip_space(at, end);
}

inline const char* Grammar::key(const char* at, const char* end) {
  if (*at == '"') {
    token_begin_ = offset(at);
    is_key_ = true;
    state_ = State::string;
    return string(at + 1, end);
  }
  if (*at == '}' && state_ == State::key_or_end) return close(at);
  return skip_space(at, end);
}

inline const char* Grammar::colon(const char* at, const char* end) {
  if (*at != ':') return skip_space(at, end);
  state_ = State::value;
  return at + 1;
}

inline const char* Grammar::after_value(const char* at, const char* end) {
  if (*at == ',' && depth_ != 0) {
    state_ = in_object_ ? State::key : State::value;
    return at + 1;
  }
  if (*at == (in_object_ ? '}' : ']') && depth_ != 0) return close(at);
  return skip_space(at, end);
}

const char* Grammar::skip_space(const char* at, const char* end) {
  const char* const begin = at;
  for (; at != end; ++at) {
    if (*at == '\n' || *at == '\r') {
      multi_line_ = true;
    } else if (*at != ' ' && *at != '\t') {
      break;
    }
  }
  return at != begin ? at : reject(end, "not the grammar of JSON");
}

const char* Grammar::reject(const char* end, std::string_view flaw) {
  state_ = State::broken;
  flaw_ = flaw;
  return end;
}

inline const char* Grammar::open(const char* at, const char* end, Token token) {
  if (depth_ == kDeepest) return reject(end, "JSON nested too deep");
  if (depth_ == 0) outline_->outermost(token);
  if (depth_ == 1) {
    outer_begin_ = offset(at);
    outer_token_ = token;
  }
  ++depth_;
  in_object_ = token == Token::object;
  objects_[depth_] = in_object_;
  state_ = in_object_ ? State::key_or_end : State::value_or_end;
  return at + 1;
}

inline const char* Grammar::close(const char* at) {
  --depth_;
  in_object_ = objects_[depth_];
  state_ = State::after_value;
  if (depth_ == 1) outline_->value(outer_token_, {outer_begin_, offset(at + 1)}, {});
  return at + 1;
}

inline void Grammar::begin(const char* at, Token token) {
  if (depth_ == 0) outline_->outermost(token);
  token_ = token;
  token_begin_ = offset(at);
}

inline void Grammar::end_value(const char* at) {
  state_ = State::after_value;
  if (depth_ == 1) report_value(at);
}

void Grammar::report_value(const char* at) {
  outline_->value(token_, {token_begin_, offset(at)}, text(token_begin_, at));
}

inline const char* Grammar::string(const char* at, const char* end) {
  for (;;) {
    at = skip_plain(at, end);
    if (at == end) return end;
    if (*at == '"') return end_string(at + 1);
    if (*at == '\\') {
      at = escape(at + 1, end);
    } else if (static_cast<unsigned char>(*at) < 0x20) {
      return reject(end, "a control character in a JSON string");
    } else {
      at = skip_utf8(at, end);
      if (at != end && static_cast<unsigned char>(*at) >= 0x80) at = begin_utf8(at, end);
    }
    if (state_ != State::string) return at;
  }
}

inline const char* Grammar::end_string(const char* at) {
  if (!is_key_) {
    end_value(at);
  } else {
    state_ = State::colon;
    if (depth_ == 1) outline_->key(text(token_begin_ + 1, at - 1));
  }
  return at;
}

inline const char* Grammar::escape(const char* at, const char* end) {
  state_ = State::escape;
  if (at == end) return end;
  switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      state_ = State::string;
      return at + 1;
    case 'u':
      state_ = State::hex;
      hex_left_ = 4;
      return hex(at + 1, end);
    default:
      return reject(end, "an unknown escape in a JSON string");
  }
}

inline const char* Grammar::hex(const char* at, const char* end) {
  for (; at != end; ++at) {
    if (!is_hex(*at)) return reject(end, "an unknown escape in a JSON string");
    if (--hex_left_ == 0) {
      state_ = State::string;
      return at + 1;
    }
  }
  return at;
}

// One sequence byte by byte: at the end of a chunk, or to find out that it is none.
const char* Grammar::begin_utf8(const char* at, const char* end) {
  const Utf8Lead lead = utf8_lead(static_cast<unsigned char>(*at));
  if (lead.left == 0) return reject(end, "not UTF-8");
  utf8_left_ = lead.left;
  utf8_low_ = lead.low;
  utf8_high_ = lead.high;
  state_ = State::utf8;
  return utf8(at + 1, end);
}

const char* Grammar::utf8(const char* at, const char* end) {
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < utf8_low_ || byte > utf8_high_) return reject(end, "not UTF-8");
    utf8_low_ = 0x80;
    utf8_high_ = 0xBF;
    if (--utf8_left_ == 0) {
      state_ = State::string;
      return at + 1;
    }
  }
  return at;
}

inline const char* Grammar::first_of_number(const char* at, const char* end) {
  begin(at, Token::number);
  state_ = State::number;
  number_ = begin_number(*at);
  return number(at + 1, end);
}

inline const char* Grammar::number(const char* at, const char* end) {
  Number number = number_;
  for (; at != end; ++at) {
    const Number next = continue_number(number, *at);
    if (next == Number::flaw) return reject(end, "not a JSON number");
    if (next == Number::over) {
      end_value(at);
      return at;
    }
    number = next;
  }
  number_ = number;
  return at;
}

inline const char* Grammar::begin_literal(const char* at, const char* end, const char* left) {
  begin(at, Token::literal);
  literal_left_ = left;
  state_ = State::literal;
  return literal(at + 1, end);
}

inline const char* Grammar::literal(const char* at, const char* end) {
  for (; at != end; ++at, ++literal_left_) {
    if (*literal_left_ == '\0') break;
    if (*at != *literal_left_) return reject(end, "not the grammar of JSON");
  }
  if (*literal_left_ == '\0') end_value(at);
  return at;
}

inline std::size_t Grammar::offset(const char* at) const {
  return chunk_offset_ + static_cast<std::size_t>(at - chunk_);
}

// What lies from offset `begin`, at or behind the beginning of the last scalar, up to `end`.
std::string_view Grammar::text(std::size_t begin, const char* end) {
  const std::size_t size = offset(end) - begin;
  if (size > kLongestText) return {};
  if (begin >= chunk_offset_) return {end - size, size};
  held_.append(chunk_, end);
  return std::string_view(held_).substr(begin - token_begin_);
}

// Keeps a scalar that goes on in the next chunk, with its quotes, if it may be asked for.
void Grammar::hold(const char* end) {
  if (depth_ != 1 || state_ > State::literal) return;
  const char* begin = chunk_;
  if (token_begin_ >= chunk_offset_) {
    held_.clear();
    begin += token_begin_ - chunk_offset_;
  }
  const auto size = static_cast<std::size_t>(end - begin);
  held_.append(begin, std::min(size, kLongestText + 2 - held_.size()));
}

bool Grammar::complete() const {
  if (depth_ != 0) return false;
  return state_ == State::after_value || (state_ == State::number && is_complete(number_));
}

std::string_view Grammar::flaw() const {
  if (state_ == State::broken) return flaw_;
  return chunk_offset_ == 0 ? "no text at all" : "JSON that ends too early";
}

void Grammar::reset() {
  state_ = State::value;
  in_object_ = false;
  multi_line_ = false;
  depth_ = 0;
  chunk_offset_ = 0;
}

}  // namespace dogpipe::rpc
