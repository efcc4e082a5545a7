// The environment, and the settings file that stands in where hosts do not pass it on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dogpipe::cli {

class Environment {
 public:
  // Reads the settings file, if there is one. Lines are NAME=VALUE; `#` begins a comment; a value
  // may stand in quotes; `export ` before a name is passed over.
  static base::Result<Environment> read();
  // For tests: these variables and file contents.
  Environment(std::map<std::string, std::string> variables, std::string_view file_text);

  // The settings of a profile go before those of the settings file. Errors: Kind::usage for a name
  // that is none, Kind::file.
  base::Result<void> take_profile(const std::string& name);
  // As if it were set in the environment.
  void set(const std::string& name, const std::string& value) { set_[name] = value; }

  // The first of these names that is set and not empty: the environment's, else the file's.
  std::optional<std::string> get(const std::vector<std::string_view>& names) const;
  // Whether that value would come from the file.
  bool from_file(const std::vector<std::string_view>& names) const;

 private:
  Environment() = default;

  std::optional<std::string> variable(std::string_view name) const;
  void take_file(std::string_view text);

  std::map<std::string, std::string> set_;
  bool fixed_ = false;  // variables_ stand for the process environment
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> file_;
};

// $HOME; empty if it is not set.
std::string home_folder();
// Where the program keeps what it must not forget: $DOGPIPE_HOME, else ~/.datadog-mcp; empty if
// there is no home.
std::string state_folder();

}  // namespace dogpipe::cli
