#include "mcp/schema_headers.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "mcp/field_value.h"
#include "mcp/headers.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::mcp {
namespace {

constexpr std::string_view kAnnotation = "x-mcp-header";

// JSON Schema: keywords whose value maps names to schemas, and those whose value is no schema.
constexpr std::string_view kMaps[] = {"$defs", "definitions", "patternProperties",
                                      "dependentSchemas", "dependencies"};
constexpr std::string_view kData[] = {"enum", "const", "default", "examples"};

constexpr struct {
  std::string_view name;
  Mirror::Type type;
} kTypes[] = {{"string", Mirror::Type::string},
              {"integer", Mirror::Type::integer},
              {"boolean", Mirror::Type::boolean}};

template <std::size_t Count>
bool is_one_of(std::string_view escaped, const std::string_view (&words)[Count]) {
  return std::any_of(std::begin(words), std::end(words),
                     [escaped](std::string_view word) { return rpc::spells(escaped, word); });
}

bool begins_with(std::string_view text, char c) { return !text.empty() && text.front() == c; }

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (base::lower(c) >= 'a' && base::lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// False only if there is surely no annotation inside. (No other escape than \u spells a letter.)
bool may_have_annotation(std::string_view raw) {
  return raw.find(kAnnotation) != std::string_view::npos ||
         raw.find("\\u") != std::string_view::npos;
}

class SchemaWalk {
 public:
  Checked run(std::string_view raw_schema) {
    value(raw_schema, true);
    if (!checked_) checked_.headers = {};
    return std::move(checked_);
  }

 private:
  void value(std::string_view raw, bool reachable);
  void schema(std::string_view raw, bool reachable);
  void properties(std::string_view raw, bool reachable);
  void named_schemas(std::string_view raw);
  void take(std::string_view raw_annotation, std::string_view raw_type, bool reachable);
  std::string_view flaw_of(std::string_view name, bool reachable) const;
  void refuse(std::string_view flaw) {
    if (checked_) checked_.flaw = flaw;
  }

  Checked checked_;
  std::vector<std::string> path_;
  std::size_t path_bytes_ = 0;
  std::size_t depth_ = 0;
};

// What stands where a schema may, or a list of them.
void SchemaWalk::value(std::string_view raw, bool reachable) {
  const bool object = begins_with(raw, '{');
  if (!checked_ || (!object && !begins_with(raw, '['))) return;
  if (depth_ == kDeepestSchema) {
    if (may_have_annotation(raw)) refuse("its inputSchema is nested too deep to be searched");
    return;
  }
  ++depth_;
  if (object) {
    schema(raw, reachable);
  } else {
    rpc::for_each_element(raw, [this](std::string_view element) { value(element, false); });
  }
  --depth_;
}

void SchemaWalk::schema(std::string_view raw, bool reachable) {
  std::string_view annotation;
  std::string_view type;
  for (rpc::Members members(raw); const auto member = members.next();) {
    if (rpc::spells(member->key, kAnnotation)) {
      if (!annotation.empty()) refuse("a property has x-mcp-header twice");
      annotation = member->value;
    } else if (rpc::spells(member->key, "type")) {
      type = member->value;
    } else if (rpc::spells(member->key, "properties")) {
      properties(member->value, reachable);
    } else if (is_one_of(member->key, kMaps)) {
      named_schemas(member->value);
    } else if (!is_one_of(member->key, kData)) {
      value(member->value, false);
    }
  }
  if (!annotation.empty()) take(annotation, type, reachable);
}

void SchemaWalk::properties(std::string_view raw, bool reachable) {
  for (rpc::Members members(raw); const auto member = members.next();) {
    path_.push_back(rpc::unescape(member->key));
    const std::size_t bytes = path_.back().size();
    path_bytes_ += bytes;
    value(member->value, reachable);
    path_bytes_ -= bytes;
    path_.pop_back();
  }
}

void SchemaWalk::named_schemas(std::string_view raw) {
  for (rpc::Members members(raw); const auto member = members.next();) value(member->value, false);
}

std::string_view SchemaWalk::flaw_of(std::string_view name, bool reachable) const {
  const std::vector<Mirror>& mirrors = checked_.headers.mirrors;
  if (name.empty()) return "an x-mcp-header is empty";
  if (!is_token(name)) return "an x-mcp-header has a character that no header field may have";
  if (name.size() > kLongestHeaderName) return "an x-mcp-header is too long";
  if (!reachable) return "an x-mcp-header is not at a property reached by `properties` alone";
  if (path_bytes_ > kLongestPathBytes)
    return "the path to a property with x-mcp-header is too long";
  if (mirrors.size() == kMostMirrors) return "too many properties have an x-mcp-header";
  const bool again = std::any_of(mirrors.begin(), mirrors.end(), [name](const Mirror& mirror) {
    return base::same_without_case(std::string_view(mirror.header).substr(kParameterPrefix.size()),
                                   name);
  });
  return again ? "two properties have the same x-mcp-header" : std::string_view();
}

void SchemaWalk::take(std::string_view raw_annotation, std::string_view raw_type, bool reachable) {
  const auto name = rpc::string_value(raw_annotation);
  if (!name) return refuse("an x-mcp-header is no string");
  const std::string_view flaw = flaw_of(*name, reachable && !path_.empty());
  if (!flaw.empty()) return refuse(flaw);
  const auto type = rpc::string_value(raw_type);
  const auto* known = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&type](const auto& row) { return row.name == type; });
  if (known == std::end(kTypes)) {
    return refuse("an x-mcp-header is at a property that is no string, integer or boolean");
  }
  checked_.headers.mirrors.push_back({path_, std::string(kParameterPrefix) + *name, known->type});
}

// ---- arguments

std::string_view last_member(std::string_view object, std::string_view key) {
  std::string_view value;
  for (rpc::Members members(object); const auto member = members.next();) {
    if (rpc::spells(member->key, key)) value = member->value;
  }
  return value;
}

std::string_view value_at(std::string_view raw, const std::vector<std::string>& path) {
  for (const std::string& name : path) raw = last_member(raw, name);
  return raw;
}

// Behind the `e`. None beyond any number that could matter.
std::optional<std::int64_t> read_exponent(std::string_view digits) {
  if (digits.empty()) return 0;
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  std::int64_t value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
    if (value > 1'000'000'000) return std::nullopt;
  }
  return negative ? -value : value;
}

// The number in decimal digits, however it is written: 42.0 and 4.2e1 are integers too. None for
// what is no integer, or not exact as an IEEE double.
std::optional<std::string> integer_text(std::string_view token) {
  constexpr std::string_view kLargest = "9007199254740991";  // 2^53 - 1
  const std::string_view sign = token.substr(0, token.front() == '-' ? 1 : 0);
  token.remove_prefix(sign.size());
  const std::size_t e = std::min(token.find_first_of("eE"), token.size());
  const std::size_t point = std::min(token.find('.'), e);
  std::string digits(token.substr(0, point));
  digits += token.substr(std::min(point + 1, e), e - std::min(point + 1, e));

  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, first);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.empty()) return "0";
  const auto exponent = read_exponent(token.substr(std::min(e + 1, token.size())));
  if (!exponent) return std::nullopt;
  const auto places =
      static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + *exponent;
  if (places < static_cast<std::int64_t>(digits.size())) return std::nullopt;
  if (places > static_cast<std::int64_t>(kLargest.size())) return std::nullopt;
  digits.resize(static_cast<std::size_t>(places), '0');
  if (digits.size() == kLargest.size() && digits > kLargest) return std::nullopt;
  return std::string(sign) + digits;
}

std::optional<std::string> text_of(std::string_view raw, Mirror::Type type) {
  if (raw.empty()) return std::nullopt;
  switch (type) {
    case Mirror::Type::string:
      return rpc::string_value(raw);
    case Mirror::Type::boolean:
      if (raw == "true" || raw == "false") return std::string(raw);
      return std::nullopt;
    case Mirror::Type::integer:
      if (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9')) {
        return integer_text(raw);
      }
  }
  return std::nullopt;
}

}  // namespace

Checked read_schema_headers(std::string_view raw_input_schema) {
  if (!may_have_annotation(raw_input_schema)) return {};
  return SchemaWalk().run(raw_input_schema);
}

Fields mirrored_fields(const SchemaHeaders& headers, std::string_view raw_arguments) {
  Fields fields;
  for (const Mirror& mirror : headers.mirrors) {
    if (const auto text = text_of(value_at(raw_arguments, mirror.path), mirror.type)) {
      fields.emplace_back(mirror.header, field_value(*text));
    }
  }
  return fields;
}

}  // namespace dogpipe::mcp
