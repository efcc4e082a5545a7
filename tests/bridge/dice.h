// Chance from a seed, the same everywhere, and JSON that is made by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dogpipe::bridge {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(next() % end); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  auto& pick(List& list) {
    return list[below(std::size(list))];
  }
  std::string_view one_of(std::initializer_list<std::string_view> list) {
    return list.begin()[below(list.size())];
  }

  // A raw JSON value, often one that parsers and writers spoil.
  std::string value(std::size_t depth = 3);
  // An object of up to that many members, none of which has one of the names to avoid.
  std::string object(std::size_t most, std::size_t depth = 3);
  // The same without the braces.
  std::vector<std::string> members(std::size_t most, std::size_t depth = 3);
  // Members in any order, with whitespace here and there.
  std::string join(std::vector<std::string> members);
  std::string raw_id();
  std::string raw_text();

 private:
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::string_view space() { return one_of({"", "", "", "", " ", "  ", "\t"}); }

  std::uint64_t state_;
};

inline std::string Dice::raw_text() {
  return std::string(one_of({R"("")", R"("a")", R"("a\/b")", R"("\ud800")", R"("\u00e9\u0000")",
                             R"("é €")", R"("\"}]{,\\")", R"("2026-07-28")", R"("\uD83D\uDE00")",
                             R"("complete")", R"("input_required")"}));
}

inline std::string Dice::raw_id() {
  switch (below(4)) {
    case 0:
      return std::to_string(below(1000));
    case 1:
      return '"' + std::to_string(below(1000)) + '"';
    case 2:
      return "-" + std::to_string(below(1'000'000'000)) + std::to_string(below(1'000'000'000));
    default:
      return std::string(
          one_of({"0", "-1", "-0", R"("")", "1", R"("1")", "1.0", "1e2", "9007199254740993",
                  "123456789012345678901234567890", R"("a\/b")", R"("a/b")", R"("\u00e9")",
                  R"("é")", R"("\ud800")", R"("\"")", R"("dogpipe:1")", R"("d1")", R"("a1")"}));
  }
}

inline std::string Dice::value(std::size_t depth) {
  switch (below(depth == 0 ? 3 : 6)) {
    case 0:
      return raw_text();
    case 1:
      return std::string(one_of({"0", "-0", "1.0", "1e400", "-1E-400", "9007199254740993", "0.10",
                                 "123456789012345678901234567890", "1E+2"}));
    case 2:
      return std::string(one_of({"true", "false", "null", "{}", "[]", "[ ]"}));
    case 3: {
      std::string list;
      for (std::size_t n = below(4); n > 0; --n)
        list += (list.empty() ? "" : ",") + value(depth - 1);
      return '[' + list + ']';
    }
    case 4: {
      if (!one_in(8)) return object(3, depth - 1);
      const std::size_t deep = 20 + below(300);
      return std::string(deep, '[') + "{}" + std::string(deep, ']');
    }
    default:
      return object(4, depth - 1);
  }
}

// Names that mean something elsewhere mean nothing within a value.
inline std::vector<std::string> Dice::members(std::size_t most, std::size_t depth) {
  static constexpr std::string_view kNames[] = {
      "x", "\\u0061b", "resultType_", "a\\/b",           "é",       "v/w", "data_", "",
      "0", "_m",       "\\ud800",     "inputResponses_", "jsonrpc_"};
  static constexpr std::string_view kInner[] = {"resultType",     "ttlMs", "_meta",  "task",
                                                "inputResponses", "id",    "jsonrpc"};
  std::vector<std::string> out;
  std::size_t name = below(std::size(kNames));
  for (std::size_t n = below(most + 1); n > 0; --n, ++name) {
    const std::string inner = depth == 0 || !one_in(3)
                                  ? value(depth)
                                  : "{\"" + std::string(kInner[below(std::size(kInner))]) +
                                        "\":" + value(depth - 1) + '}';
    out.push_back('"' + std::string(kNames[name % std::size(kNames)]) + "\":" + inner);
  }
  return out;
}

inline std::string Dice::join(std::vector<std::string> members) {
  std::string out = "{";
  out += space();
  while (!members.empty()) {
    const std::size_t at = below(members.size());
    out += std::exchange(members[at], members.back());
    members.pop_back();
    out += space();
    if (!members.empty()) out += ',';
  }
  return out + '}';
}

inline std::string Dice::object(std::size_t most, std::size_t depth) {
  return join(members(most, depth));
}

}  // namespace dogpipe::bridge
