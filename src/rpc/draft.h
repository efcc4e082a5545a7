// An envelope in the making: collects the outline of a JSON text and judges it as JSON-RPC 2.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rpc/grammar.h"
#include "rpc/message.h"

namespace dogpipe::rpc {

class Draft final : public Outline {
 public:
  void outermost(Token token) override { outermost_ = token; }
  void key(std::string_view escaped) override;
  void value(Token token, Span where, std::string_view text) override;

  // The verdict, once the text is known to be complete.
  Scanned judge(bool multi_line) const;
  // The raw id, if there is exactly one proper one so far.
  std::string_view id() const { return id_; }
  void reset();

 private:
  enum Field : std::uint8_t { jsonrpc, id_field, method, params, result, error, other };

  bool has(Field field) const { return (seen_ & (1u << field)) != 0; }
  void object_member(Token token, Span where, std::string_view text);
  void take_id(Token token, Span where, std::string_view text);
  void take_typed(Span& place, Span where, bool right, std::string_view complaint);
  void complain(std::string_view flaw);
  std::string_view fault_of_object() const;
  Shape shape() const;

  Token outermost_ = Token::literal;
  Field field_ = other;  // whose value comes next
  unsigned seen_ = 0;    // a bit for each Field
  bool null_id_ = false;
  std::size_t elements_ = 0;
  Envelope envelope_;
  std::string id_;
  std::string_view flaw_;  // the first
};

}  // namespace dogpipe::rpc
