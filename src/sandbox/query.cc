#include "sandbox/query.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace dogpipe::sandbox {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Words, a quoted run counting as one; the quotes go.
std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Instant> unit(char name) {
  switch (name) {
    case 's':
      return 1000;
    case 'm':
      return kMinute;
    case 'h':
      return 60 * kMinute;
    case 'd':
      return 24 * 60 * kMinute;
    case 'w':
      return 7 * 24 * 60 * kMinute;
    default:
      return std::nullopt;
  }
}

// "2026-10-06", with "T13:40:00" behind it or not.
std::optional<Instant> read_iso(std::string_view text) {
  const auto part = [&](std::size_t at, std::size_t length) -> std::optional<std::int64_t> {
    return at + length <= text.size() ? whole(text.substr(at, length)) : std::nullopt;
  };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t clock =
      part(11, 2).value_or(0) * 3600 + part(14, 2).value_or(0) * 60 + part(17, 2).value_or(0);
  return (days * 86400 + clock) * 1000;
}

std::optional<Instant> read_time(std::string_view text) {
  if (text == "now") return kNow;
  if (text.rfind("now-", 0) == 0 && text.size() > 5) {
    const auto count = whole(text.substr(4, text.size() - 5));
    const auto length = unit(text.back());
    if (!count || !length || *count > 10'000'000) return std::nullopt;
    return kNow - *count * *length;
  }
  if (const auto number = whole(text)) return *number < 100'000'000'000 ? *number * 1000 : *number;
  return read_iso(text);
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Query::Query(std::string_view text) {
  for (std::string& word : words_in(text)) {
    if (word == "AND" || word == "*") continue;
    Term term{word.size() > 1 && word.front() == '-', "", ""};
    if (term.excluded) word.erase(0, 1);
    if (word.front() == '@') word.erase(0, 1);
    const std::size_t colon = word.find(':');
    if (colon != std::string::npos && colon > 0 && word.find("://") == std::string::npos) {
      term.key = word.substr(0, colon);
      term.pattern = word.substr(colon + 1);
    } else {
      term.pattern = "*" + word + "*";
    }
    terms_.push_back(std::move(term));
  }
}

bool Query::matches(const Field& field) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    return matches_pattern(term.pattern, field(term.key)) != term.excluded;
  });
}

base::Result<Range> read_range(json::Value arguments, Instant fallback) {
  Range range{kNow - fallback, kNow};
  for (const auto& [name, into] : {std::pair("from", &range.from), std::pair("to", &range.to)}) {
    const json::Value given = arguments[name];
    if (!given.exists()) continue;
    const std::string text(given.is_number() ? given.number_text() : given.text_or(""));
    const auto time = read_time(text);
    if (!time) {
      return base::Error{base::Kind::usage,
                         std::string("Invalid arguments: ") + name + " is no time; try now-1h."};
    }
    *into = *time;
  }
  return range;
}

}  // namespace dogpipe::sandbox
