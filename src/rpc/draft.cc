#include "rpc/draft.h"

#include <array>

#include "rpc/text.h"

namespace dogpipe::rpc {
namespace {

// In the order of Draft::Field.
constexpr std::array<std::string_view, 6> kNames = {"jsonrpc", "id",     "method",
                                                    "params",  "result", "error"};

}  // namespace

void Draft::key(std::string_view escaped) {
  std::size_t index = 0;
  while (index != kNames.size() && !spells(escaped, kNames[index])) ++index;
  field_ = static_cast<Field>(index);
  if (field_ == other) return;
  if (has(field_)) {
    complain("a member of the envelope is there twice");
    if (field_ == id_field) id_.clear();
    field_ = other;
    return;
  }
  seen_ |= 1u << field_;
}

void Draft::value(Token token, Span where, std::string_view text) {
  if (outermost_ == Token::object) return object_member(token, where, text);
  ++elements_;
  if (token != Token::object) complain("an element of the batch is no object");
}

void Draft::object_member(Token token, Span where, std::string_view text) {
  switch (field_) {
    case jsonrpc:
      if (string_value(text) != "2.0") complain("jsonrpc is not \"2.0\"");
      return;
    case id_field:
      return take_id(token, where, text);
    case method:
      take_typed(envelope_.method, where, token == Token::string, "method is no string");
      return;
    case params: {
      const bool right = token == Token::object || token == Token::array;
      return take_typed(envelope_.params, where, right, "params is neither object nor array");
    }
    case result:
      return take_typed(envelope_.result, where, true, {});
    case error:
      return take_typed(envelope_.error, where, token == Token::object, "error is no object");
    case other:
      return;
  }
}

void Draft::take_id(Token token, Span where, std::string_view text) {
  envelope_.id = where;
  if (token == Token::string || token == Token::number) {
    id_ = text;
  } else if (text == "null") {
    null_id_ = true;
  } else {
    complain("id is neither string nor number");
  }
}

void Draft::take_typed(Span& place, Span where, bool right, std::string_view complaint) {
  place = where;
  if (!right) complain(complaint);
}

void Draft::complain(std::string_view flaw) {
  if (flaw_.empty()) flaw_ = flaw;
}

Scanned Draft::judge(bool multi_line) const {
  std::string_view fault = flaw_;
  if (outermost_ == Token::array) {
    if (elements_ == 0) fault = "an empty batch";
  } else if (outermost_ != Token::object) {
    fault = "neither a JSON object nor an array";
  } else if (fault.empty()) {
    fault = fault_of_object();
  }
  if (!fault.empty()) {
    // To something like a response an error would be taken for the peer's own request's.
    const bool answerable = has(method) || !(has(result) || has(error));
    return Refusal{Refusal::Why::invalid, fault, answerable ? id_ : std::string()};
  }
  Envelope envelope = envelope_;
  envelope.shape = shape();
  envelope.multi_line = multi_line;
  if (envelope.method) envelope.method = {envelope.method.begin + 1, envelope.method.end - 1};
  return envelope;
}

std::string_view Draft::fault_of_object() const {
  if (!has(jsonrpc)) return "jsonrpc is missing";
  if (has(method) + has(result) + has(error) != 1) return "not one of method, result and error";
  if (null_id_ && !has(error)) return "id is null";
  if (has(result) && !has(id_field)) return "a result without id";
  return {};
}

Shape Draft::shape() const {
  if (outermost_ == Token::array) return Shape::batch;
  if (has(error)) return Shape::error;
  if (has(result)) return Shape::response;
  return has(id_field) ? Shape::request : Shape::notification;
}

void Draft::reset() {
  outermost_ = Token::literal;
  field_ = other;
  seen_ = 0;
  null_id_ = false;
  elements_ = 0;
  envelope_ = {};
  id_.clear();
  flaw_ = {};
}

}  // namespace dogpipe::rpc
