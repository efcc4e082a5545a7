// JSON documents of our own, read with types: metadata, tokens, catalogues, requests.
//
// A Document owns the tree; a Value is a view into it that remembers where it stands, so that an
// error names the place: "$.servers[0].name: not a string". Looking up what is not there gives a
// Value that does not exist, whose own look-ups come to nothing either, so chains need no checks:
//   auto name = document->root()["servers"][0]["name"].as_string();
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::json {

enum class Type : std::uint8_t { missing, null, boolean, number, string, array, object };

struct Limits {
  std::size_t bytes = 4u << 20;
  std::size_t depth = 64;    // arrays and objects inside each other; at most 1024
  bool unique_names = true;  // refuse an object that has a name twice; else the last one counts
};

class Value {
 public:
  class Iterator;
  struct Node;

  Value() = default;  // does not exist

  Type type() const;
  bool exists() const { return node_ != nullptr; }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }
  bool is_string() const { return type() == Type::string; }
  bool is_number() const { return type() == Type::number; }

  // The name must live as long as the Value that comes back: without a member of that name it is
  // kept for the error.
  Value operator[](std::string_view name) const;
  template <std::same_as<std::string> Temporary>
  Value operator[](Temporary&& name) const = delete;
  Value operator[](std::size_t index) const;
  // Elements or members, in the order of the text.
  std::size_t size() const;
  Iterator begin() const;
  Iterator end() const;
  // The name of this member in its object.
  std::string_view name() const;

  // Errors: Kind::malformed for another type or none, or a number out of range.
  base::Result<std::string> as_string() const;
  base::Result<base::Secret> as_secret() const;
  base::Result<bool> as_bool() const;
  base::Result<std::int64_t> as_integer() const;  // 1e3 and 2.0 are not integers here
  base::Result<double> as_number() const;
  base::Result<std::vector<std::string>> as_strings() const;
  // The same for what may be absent or null.
  base::Result<std::optional<std::string>> as_optional_string() const;
  base::Result<std::optional<std::int64_t>> as_optional_integer() const;
  // Errors: Kind::malformed unless of that type. To loop, name the Result first:
  //   if (auto items = value.as_array()) for (Value item : *items) ...
  base::Result<Value> as_array() const;
  base::Result<Value> as_object() const;

  // Without complaint: the fallback for another type or none.
  std::string_view text_or(std::string_view fallback) const;
  std::int64_t integer_or(std::int64_t fallback) const;
  double number_or(double fallback) const;
  bool bool_or(bool fallback) const;

  // A number exactly as the text spelled it; empty for other types.
  std::string_view number_text() const;
  // "$.a[3].b". A name that is not plain (it may be a server's choice) stands as "*".
  std::string path() const;

 private:
  friend class Document;

  explicit Value(const Node* node) : node_(node) {}
  base::Error complain(std::string_view what) const;
  Value missing(std::string_view name, std::size_t index) const;

  const Node* node_ = nullptr;
  // Without a node: under which one something was looked for, and what.
  const Node* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
};

class Value::Iterator {
 public:
  Iterator(Value parent, std::size_t index) : parent_(parent), index_(index) {}
  Value operator*() const;
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  bool operator==(const Iterator& other) const { return index_ == other.index_; }

 private:
  Value parent_;
  std::size_t index_;
};

class Document {
 public:
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  // Views into it live as long as the Document, moves included.
  Value root() const;

 private:
  friend base::Result<Document> read(std::string_view text, const Limits& limits);
  explicit Document(std::unique_ptr<const Value::Node> root);

  std::unique_ptr<const Value::Node> root_;
};

// One JSON text (RFC 8259) in UTF-8, a byte order mark allowed. Errors: Kind::malformed with the
// offset, Kind::too_large beyond a limit.
base::Result<Document> read(std::string_view text, const Limits& limits = {});

}  // namespace dogpipe::json
