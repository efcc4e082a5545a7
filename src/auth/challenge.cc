#include "auth/challenge.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kFieldLimitBytes = 16 * 1024;
constexpr std::size_t kValueLimitBytes = 4 * 1024;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// RFC 9110 section 5.6.2.
constexpr bool is_token(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// RFC 9110 section 11.2, but for the equals signs at its end.
constexpr bool is_token68(char c) {
  return is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

// What is no token needs quotes; servers leave them out around URLs nevertheless.
constexpr bool is_bare(char c) { return !is_blank(c) && !is_control(c) && c != ',' && c != '"'; }

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (at_end() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <class Class>
  std::string_view run(Class&& is_in) {
    std::size_t length = 0;
    while (length < rest_.size() && is_in(rest_[length])) ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }

  bool pass_blanks() { return !run(is_blank).empty(); }

  // What is neither a name nor a parameter: a comma, a blank, or a mistake.
  void pass_other() {
    if (take('"')) {
      static_cast<void>(quoted_rest());
    } else {
      rest_.remove_prefix(1);
    }
  }

  // Base64 of Negotiate and its kin: it ends the challenge, which parameter names never do.
  void pass_token68() {
    Cursor ahead = *this;
    if (ahead.run(is_token68).empty()) return;
    ahead.run([](char c) { return c == '='; });
    ahead.pass_blanks();
    if (ahead.at_end() || ahead.rest_.front() == ',') *this = ahead;
  }

  // Nothing for a value that cannot be read or is too long.
  std::optional<std::string> value() {
    std::optional<std::string> text = take('"') ? quoted_rest() : std::string(run(is_bare));
    if (text && text->size() > kValueLimitBytes) text.reset();
    return text;
  }

 private:
  // Behind the opening quote.
  std::optional<std::string> quoted_rest() {
    std::string text;
    bool clean = true;
    while (!at_end()) {
      if (take('"')) return clean ? std::optional(std::move(text)) : std::nullopt;
      take('\\');
      if (at_end()) break;
      clean = clean && (!is_control(rest_.front()) || rest_.front() == '\t');
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

// A Bearer challenge as it is put together.
class Bearer {
 public:
  void put(std::string_view name, std::string value) {
    for (Slot& slot : slots_) {
      if (slot.value || !base::same_without_case(name, slot.name)) continue;
      slot.value = std::move(value);
      return;
    }
  }

  bool says_something() const {
    for (const Slot& slot : slots_) {
      if (slot.value && !slot.value->empty()) return true;
    }
    return false;
  }

  Challenge take() && {
    const auto text = [](Slot& slot) { return std::move(slot.value).value_or(std::string()); };
    return {text(slots_[0]), text(slots_[1]), text(slots_[2])};
  }

 private:
  struct Slot {
    std::string_view name;
    std::optional<std::string> value;
  };
  std::array<Slot, 3> slots_ = {Slot{"resource_metadata", {}}, Slot{"scope", {}},
                                Slot{"error", {}}};
};

}  // namespace

Challenge read_challenge(std::string_view fields) {
  if (fields.size() > kFieldLimitBytes) return {};
  Cursor cursor(fields);
  std::optional<Bearer> bearer;  // while its parameters are read
  while (!cursor.at_end()) {
    const std::string_view name = cursor.run(is_token);
    if (name.empty()) {
      cursor.pass_other();
      continue;
    }
    const bool blanks = cursor.pass_blanks();
    if (cursor.take('=')) {
      cursor.pass_blanks();
      auto value = cursor.value();
      if (bearer && value) bearer->put(name, *std::move(value));
      continue;
    }
    if (bearer && bearer->says_something()) break;
    bearer.reset();
    if (base::same_without_case(name, "Bearer")) bearer.emplace();
    if (blanks) cursor.pass_token68();
  }
  return bearer ? std::move(*bearer).take() : Challenge();
}

}  // namespace dogpipe::auth
