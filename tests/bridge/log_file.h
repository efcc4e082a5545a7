// The log of one test, to be read by it.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/log.h"

namespace dogpipe::bridge {

class LogFile {
 public:
  explicit LogFile(base::LogLevel level) {
    std::string name = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    base::LogSettings settings;
    settings.level = level;
    settings.file = (folder_ / "log").string();
    REQUIRE(base::open_log(settings));
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() {
    base::LogSettings off;
    off.level = base::LogLevel::off;
    static_cast<void>(base::open_log(off));
    std::filesystem::remove_all(folder_);
  }

  // From the level on: "WARN text".
  std::vector<std::string> lines() const {
    const auto text = base::read_file((folder_ / "log").string());
    std::vector<std::string> lines;
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      const std::size_t level = line.find(' ') + 1;
      const std::size_t program = line.find(' ', level);
      lines.push_back(std::string(line.substr(level, program - level)) +
                      std::string(line.substr(line.find(' ', program + 1))));
    }
    return lines;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace dogpipe::bridge
