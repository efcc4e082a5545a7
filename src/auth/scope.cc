#include "auth/scope.h"

#include <algorithm>
#include <cstddef>

namespace dogpipe::auth {
namespace {

constexpr std::string_view kOffline = "offline_access";
constexpr std::size_t kListLimitBytes = 4 * 1024;

// scope-token of RFC 6749 section 3.3.
bool is_scope(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

std::vector<std::string_view> words_of(std::string_view scopes) {
  std::vector<std::string_view> words;
  while (!scopes.empty()) {
    const std::size_t end = scopes.find(' ');
    const std::string_view word = scopes.substr(0, end);
    if (!word.empty() && is_scope(word)) words.push_back(word);
    scopes = end == std::string_view::npos ? std::string_view() : scopes.substr(end + 1);
  }
  return words;
}

bool lists(const std::optional<std::vector<std::string>>& list, std::string_view scope) {
  return list && std::find(list->begin(), list->end(), scope) != list->end();
}

// As one text; a list that no URL would hold is none.
std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& scope : list) text += scope + ' ';
  return text.size() > kListLimitBytes ? std::string() : text;
}

}  // namespace

std::string choose_scope(const ScopeSources& sources) {
  if (std::string chosen = unite(sources.chosen, {}); !chosen.empty()) return chosen;
  std::string wanted = unite(sources.challenge, {});
  if (wanted.empty() && sources.resource) wanted = joined(*sources.resource);
  const std::string all = unite(sources.before, wanted);
  if (all.empty() || !lists(sources.server, kOffline)) return all;
  return unite(all, kOffline);
}

std::string unite(std::string_view one, std::string_view other) {
  std::vector<std::string_view> words = words_of(one);
  const std::vector<std::string_view> more = words_of(other);
  words.insert(words.end(), more.begin(), more.end());
  std::string text;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (std::find(words.begin(), word, *word) != word) continue;
    if (!text.empty()) text += ' ';
    text += *word;
  }
  return text;
}

bool includes(std::string_view scopes, std::string_view wanted) {
  const std::vector<std::string_view> there = words_of(scopes);
  const std::vector<std::string_view> words = words_of(wanted);
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::find(there.begin(), there.end(), word) != there.end();
  });
}

}  // namespace dogpipe::auth
