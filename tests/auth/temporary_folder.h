// A folder for the length of a test, and what one does there.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_store.h"

namespace dogpipe::auth {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

void put(const std::string& path, std::string_view text, mode_t mode = 0600);
std::string get(const std::string& path);
std::vector<std::string> names_in(const std::string& folder);
mode_t mode_of(const std::string& path);

// A grant by which a test knows it.
Grant grant_named(std::string_view name);
std::string names(const Stored& stored);  // their names, with spaces between
std::string file_with(std::string_view name);

}  // namespace dogpipe::auth
