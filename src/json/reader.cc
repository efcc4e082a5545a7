#include "json/reader.h"

#include <fmt/format.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "base/number.h"

namespace dogpipe::json {

struct Value::Node {
  explicit Node(Type kind = Type::null) : type(kind) {}

  Type type;
  bool truth = false;
  std::size_t index = 0;         // among its siblings
  const Node* parent = nullptr;  // set when the tree is whole
  std::string name;              // as a member
  std::string text;              // of a string, or a number as spelled
  std::vector<Node> children;
};

// What RapidJSON's reader reports, put together to a tree without recursion.
struct Tree {
  using Node = Value::Node;
  using Size = rapidjson::SizeType;

  explicit Tree(const Limits& bounds) : limits(bounds) { open.emplace_back(); }

  // NOLINTBEGIN(readability-identifier-naming): RapidJSON calls them so.
  bool Null() { return put(Node()); }
  bool Bool(bool truth) {
    Node node(Type::boolean);
    node.truth = truth;
    return put(std::move(node));
  }
  bool RawNumber(const char* text, Size length, bool) {
    return put_text(Type::number, text, length);
  }
  bool String(const char* text, Size length, bool) {
    return is_whole({text, length}) && put_text(Type::string, text, length);
  }
  bool Key(const char* text, Size length, bool) {
    name.assign(text, length);
    return is_whole(name);
  }
  bool StartObject() { return begin(Type::object); }
  bool StartArray() { return begin(Type::array); }
  bool EndObject(Size) { return unify_names() && end(); }
  bool EndArray(Size) { return end(); }
  // Numbers come as text; these are never called.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  // NOLINTEND(readability-identifier-naming)

  // RapidJSON refuses the escape of a lone high surrogate, but writes a lone low one as three bytes
  // that are no UTF-8.
  bool is_whole(std::string_view text) {
    for (std::size_t at = 0; (at = text.find('\xED', at)) != std::string_view::npos; ++at) {
      if (static_cast<unsigned char>(text[at + 1]) < 0xA0) continue;
      fault = base::Error{base::Kind::malformed, "JSON with half a surrogate pair"};
      return false;
    }
    return true;
  }
  bool put_text(Type type, const char* text, Size length) {
    Node node(type);
    node.text.assign(text, length);
    return put(std::move(node));
  }
  bool put(Node node) {
    Node& parent = open.back();
    node.index = parent.children.size();
    if (parent.type == Type::object) node.name = std::exchange(name, {});
    parent.children.push_back(std::move(node));
    return true;
  }
  bool begin(Type type) {
    if (open.size() > std::min<std::size_t>(limits.depth, 1024)) {
      fault = base::Error{base::Kind::too_large, "JSON nested too deeply"};
      return false;
    }
    open.emplace_back(type);
    open.back().name = std::exchange(name, {});
    return true;
  }
  bool end() {
    Node node = std::move(open.back());
    open.pop_back();
    name = std::move(node.name);
    return put(std::move(node));
  }
  bool unify_names() {
    std::vector<Node>& members = open.back().children;
    std::unordered_map<std::string_view, std::size_t> last;
    for (const Node& member : members) last[member.name] = member.index;
    if (last.size() == members.size()) return true;
    if (limits.unique_names) {
      fault = base::Error{base::Kind::malformed, "an object with the same name twice"};
      return false;
    }
    std::vector<Node> kept;
    for (Node& member : members) {
      if (last[member.name] == member.index) kept.push_back(std::move(member));
    }
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i].index = i;
    members = std::move(kept);
    return true;
  }
  // Recursion is bounded by the depth that begin() allows, here and where trees are destroyed.
  static void adopt(Node& node) {
    for (Node& child : node.children) {
      child.parent = &node;
      adopt(child);
    }
  }

  const Limits& limits;
  std::vector<Node> open;  // the first holds the whole document as its only child
  std::string name;
  std::optional<base::Error> fault;
};

base::Result<Document> read(std::string_view text, const Limits& limits) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  if (text.size() > limits.bytes) return base::Error{base::Kind::too_large, "JSON too long"};
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  rapidjson::Reader reader;
  Tree tree(limits);
  const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, tree);
  if (tree.fault) return *std::move(tree.fault);
  if (!parsed) {
    return base::Error{base::Kind::malformed, fmt::format("JSON, byte {}: {}", parsed.Offset(),
                                                          GetParseError_En(parsed.Code()))};
  }
  // RapidJSON takes a NUL after the document for the end of the text.
  if (stream.Tell() != text.size()) return base::Error{base::Kind::malformed, "JSON, then a NUL"};
  auto root = std::make_unique<Value::Node>(std::move(tree.open.front().children.front()));
  Tree::adopt(*root);
  return Document(std::move(root));
}

Document::Document(std::unique_ptr<const Value::Node> root) : root_(std::move(root)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;
Value Document::root() const { return Value(root_.get()); }

namespace {

bool plain(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '$';
  });
}

std::string step(std::string_view name) { return "." + std::string(plain(name) ? name : "*"); }

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Type Value::type() const { return node_ == nullptr ? Type::missing : node_->type; }

// What is looked for below something missing is missing because of that.
Value Value::missing(std::string_view name, std::size_t index) const {
  if (node_ == nullptr) return *this;
  Value none;
  none.parent_ = node_;
  none.name_ = name;
  none.index_ = index;
  return none;
}

Value Value::operator[](std::string_view name) const {
  if (is_object()) {
    for (const Node& member : node_->children) {
      if (member.name == name) return Value(&member);
    }
  }
  return missing(name, 0);
}

Value Value::operator[](std::size_t index) const {
  if (is_array() && index < node_->children.size()) return Value(&node_->children[index]);
  return missing({}, index);
}

std::size_t Value::size() const { return node_ == nullptr ? 0 : node_->children.size(); }
Value::Iterator Value::begin() const { return {*this, 0}; }
Value::Iterator Value::end() const { return {*this, size()}; }
Value Value::Iterator::operator*() const { return Value(&parent_.node_->children[index_]); }

std::string_view Value::name() const {
  return node_ == nullptr ? std::string_view() : std::string_view(node_->name);
}

std::string Value::path() const {
  const Node* parent = node_ == nullptr ? parent_ : node_->parent;
  if (parent == nullptr) return "$";
  const std::string before = Value(parent).path();
  const std::size_t index = node_ == nullptr ? index_ : node_->index;
  const std::string_view name = node_ == nullptr ? name_ : std::string_view(node_->name);
  // A member may have an empty name; what was looked for by an index has none.
  const bool by_index = node_ == nullptr ? name_.data() == nullptr : parent->type == Type::array;
  return by_index ? fmt::format("{}[{}]", before, index) : before + step(name);
}

base::Error Value::complain(std::string_view what) const {
  return {base::Kind::malformed, fmt::format("{}: {}", path(), exists() ? what : "missing")};
}

base::Result<std::string> Value::as_string() const {
  if (!is_string()) return complain("not a string");
  return node_->text;
}

base::Result<base::Secret> Value::as_secret() const {
  if (!is_string()) return complain("not a string");
  return base::Secret(node_->text);
}

base::Result<bool> Value::as_bool() const {
  if (type() != Type::boolean) return complain("neither true nor false");
  return node_->truth;
}

base::Result<std::int64_t> Value::as_integer() const {
  if (!is_number()) return complain("not a number");
  if (const auto number = whole_number(node_->text)) return *number;
  return complain("not a whole number of 64 bits");
}

base::Result<double> Value::as_number() const {
  if (!is_number()) return complain("not a number");
  if (const auto number = base::read_number(node_->text)) return *number;
  return complain("a number out of range");
}

base::Result<std::vector<std::string>> Value::as_strings() const {
  if (!is_array()) return complain("not an array");
  std::vector<std::string> strings;
  for (const Value item : *this) {
    auto text = item.as_string();
    if (!text) return std::move(text).error();
    strings.push_back(*std::move(text));
  }
  return strings;
}

base::Result<std::optional<std::string>> Value::as_optional_string() const {
  if (!exists() || type() == Type::null) return std::optional<std::string>();
  auto text = as_string();
  if (!text) return std::move(text).error();
  return std::optional<std::string>(*std::move(text));
}

base::Result<std::optional<std::int64_t>> Value::as_optional_integer() const {
  if (!exists() || type() == Type::null) return std::optional<std::int64_t>();
  auto number = as_integer();
  if (!number) return std::move(number).error();
  return std::optional<std::int64_t>(*number);
}

base::Result<Value> Value::as_array() const {
  if (!is_array()) return complain("not an array");
  return *this;
}

base::Result<Value> Value::as_object() const {
  if (!is_object()) return complain("not an object");
  return *this;
}

std::string_view Value::text_or(std::string_view fallback) const {
  return is_string() ? std::string_view(node_->text) : fallback;
}

std::int64_t Value::integer_or(std::int64_t fallback) const {
  return as_integer().value_or(fallback);
}

double Value::number_or(double fallback) const { return as_number().value_or(fallback); }

bool Value::bool_or(bool fallback) const {
  return type() == Type::boolean ? node_->truth : fallback;
}

std::string_view Value::number_text() const {
  return is_number() ? std::string_view(node_->text) : std::string_view();
}

}  // namespace dogpipe::json
