#include "cli/environment.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace dogpipe::cli {
namespace {

std::string_view unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                      (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool is_profile_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const char letter = base::lower(c);
           return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

}  // namespace

base::Result<Environment> Environment::read() {
  Environment environment;
  const std::string folder = state_folder();
  const std::string path = folder + "/.env";
  if (folder.empty() || !base::file_exists(path)) return environment;
  auto text = base::read_file(path);
  if (!text) return std::move(text).error().during("reading the settings file");
  environment.take_file(*text);
  return environment;
}

Environment::Environment(std::map<std::string, std::string> variables, std::string_view file_text)
    : fixed_(true), variables_(std::move(variables)) {
  take_file(file_text);
}

base::Result<void> Environment::take_profile(const std::string& name) {
  if (!is_profile_name(name)) {
    return base::Error{base::Kind::usage,
                       "--profile wants a name of letters, digits, '-', '_' and '.'"};
  }
  const std::string path = state_folder() + "/profiles/" + name + ".env";
  if (fixed_ || !base::file_exists(path)) return {};
  auto text = base::read_file(path);
  if (!text) return std::move(text).error().during("reading the profile's settings");
  take_file(*text);
  return {};
}

void Environment::take_file(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = base::trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.substr(0, 7) == "export ") line = base::trimmed(line.substr(7));
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    file_[std::string(base::trimmed(line.substr(0, equals)))] =
        unquoted(base::trimmed(line.substr(equals + 1)));
  }
}

std::optional<std::string> Environment::variable(std::string_view name) const {
  if (const auto at = set_.find(std::string(name)); at != set_.end()) return at->second;
  if (fixed_) {
    const auto at = variables_.find(std::string(name));
    return at == variables_.end() || at->second.empty() ? std::nullopt : std::optional(at->second);
  }
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<std::string> Environment::get(const std::vector<std::string_view>& names) const {
  for (const std::string_view name : names) {
    if (auto value = variable(name)) return value;
  }
  for (const std::string_view name : names) {
    const auto at = file_.find(std::string(name));
    if (at != file_.end() && !at->second.empty()) return at->second;
  }
  return std::nullopt;
}

bool Environment::from_file(const std::vector<std::string_view>& names) const {
  for (const std::string_view name : names) {
    if (variable(name)) return false;
  }
  return get(names).has_value();
}

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "" : home;
}

std::string state_folder() {
  const char* own = std::getenv("DOGPIPE_HOME");
  if (own != nullptr && *own != '\0') return own;
  const std::string home = home_folder();
  return home.empty() ? "" : home + "/.datadog-mcp";
}

}  // namespace dogpipe::cli
