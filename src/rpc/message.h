// The parts of one JSON-RPC 2.0 message, as offsets into its text: nothing is copied or decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace dogpipe::rpc {

// Where a piece of a message lies. Offsets, so that the text may move. Absent: end == 0.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const { return end != 0; }
  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

enum class Shape : std::uint8_t {
  request,       // method and id
  notification,  // method, no id
  response,      // result and id
  error,         // error; the id may be `null` or absent (MCP 2025-11-25 makes it optional)
  batch,         // a non-empty array of objects, each still to be scanned: see rpc/members.h
};

struct Envelope {
  Shape shape = Shape::batch;
  Span id;      // the raw token as written
  Span method;  // between the quotes, still escaped as written: compare with spells(), rpc/text.h
  Span params;  // raw values, these three
  Span result;
  Span error;
  // A CR or LF stands outside strings: one_line() before the text goes over a line-framed pipe.
  bool multi_line = false;
};

// Why a text is no message.
struct Refusal {
  enum class Why : std::uint8_t {
    parse,    // no JSON, or nested too deep: JSON-RPC code -32700
    invalid,  // JSON, but no JSON-RPC message: -32600
  };

  Why why = Why::parse;
  std::string_view what;  // a fixed text, nothing of the message
  std::string id;         // the raw id to answer with; empty unless there is exactly one proper one
};

// The outcome of a scan: an Envelope, or a Refusal. The surface is that of base::Result.
class [[nodiscard]] Scanned {
 public:
  Scanned(const Envelope& envelope) : envelope_(envelope) {}  // NOLINT(google-explicit-constructor)
  Scanned(Refusal refusal) : refusal_(std::move(refusal)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return !refusal_; }
  explicit operator bool() const noexcept { return has_value(); }
  Envelope& operator*() { return envelope_; }
  const Envelope& operator*() const { return envelope_; }
  Envelope* operator->() { return &envelope_; }
  const Envelope* operator->() const { return &envelope_; }

  // Only when there is no value.
  const Refusal& refusal() const { return *refusal_; }
  base::Error error() const { return {base::Kind::malformed, std::string(refusal().what)}; }

 private:
  Envelope envelope_;
  std::optional<Refusal> refusal_;
};

}  // namespace dogpipe::rpc
