#include "json/writer.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <cmath>
#include <utility>

namespace dogpipe::json {
namespace {

using Buffer = rapidjson::StringBuffer;
using Compact = rapidjson::Writer<Buffer>;

// How long the UTF-8 sequence at the front of `text` is; 0 if there is none (RFC 3629 section 4).
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string mended(std::string_view text) {
  std::string good;
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    good += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return good;
}

}  // namespace

// PrettyWriter hides the functions of its base instead of overriding them: two writers, one of them
// in use.
struct Writer::State {
  explicit State(Layout layout) : pretty(layout == Layout::pretty) {
    pretty_writer.SetIndent(' ', 2);
  }

  void with(const auto& call) {
    if (pretty) {
      call(pretty_writer);
    } else {
      call(compact_writer);
    }
  }

  bool pretty;
  Buffer buffer;
  Compact compact_writer{buffer};
  rapidjson::PrettyWriter<Buffer> pretty_writer{buffer};
};

Writer::Writer(Layout layout) : state_(std::make_unique<State>(layout)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Writer& Writer::begin_object() {
  state_->with([](auto& to) { to.StartObject(); });
  return *this;
}

Writer& Writer::end_object() {
  state_->with([](auto& to) { to.EndObject(); });
  return *this;
}

Writer& Writer::begin_array() {
  state_->with([](auto& to) { to.StartArray(); });
  return *this;
}

Writer& Writer::end_array() {
  state_->with([](auto& to) { to.EndArray(); });
  return *this;
}

Writer& Writer::name(std::string_view name) { return value(name); }

Writer& Writer::value(std::string_view text) {
  if (!is_utf8(text)) return value(mended(text));
  const char* data = text.data() == nullptr ? "" : text.data();
  const auto length = static_cast<rapidjson::SizeType>(text.size());
  state_->with([&](auto& to) { to.String(data, length); });
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  state_->with([&](auto& to) { to.Double(number); });
  return *this;
}

Writer& Writer::boolean(bool truth) {
  state_->with([&](auto& to) { to.Bool(truth); });
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  state_->with([&](auto& to) { to.Int64(number); });
  return *this;
}

Writer& Writer::whole(std::uint64_t number) {
  state_->with([&](auto& to) { to.Uint64(number); });
  return *this;
}

Writer& Writer::null() {
  state_->with([](auto& to) { to.Null(); });
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  state_->with([&](auto& to) { to.RawValue(json.data(), json.size(), rapidjson::kObjectType); });
  return *this;
}

// Recursion is bounded by the depth of the tree, which the reader bounds.
Writer& Writer::value(const Value& tree) {
  switch (tree.type()) {
    case Type::object:
      begin_object();
      for (const Value member : tree) name(member.name()).value(member);
      return end_object();
    case Type::array:
      begin_array();
      for (const Value item : tree) value(item);
      return end_array();
    case Type::string:
      return value(tree.text_or({}));
    case Type::number:
      return raw(tree.number_text());
    case Type::boolean:
      return boolean(tree.bool_or(false));
    case Type::null:
    case Type::missing:
      return null();
  }
  return null();
}

std::string Writer::take() {
  std::string text(state_->buffer.GetString(), state_->buffer.GetSize());
  *this = Writer(state_->pretty ? Layout::pretty : Layout::compact);
  return text;
}

std::string write(const Value& value, Writer::Layout layout) {
  Writer writer(layout);
  return writer.value(value).take();
}

std::string quoted(std::string_view text) {
  Writer writer;
  return writer.value(text).take();
}

}  // namespace dogpipe::json
