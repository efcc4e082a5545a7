#include <sys/stat.h>
#include <unistd.h>

#include "base/machine.h"

namespace dogpipe::base {

bool path_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_program(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

bool is_trusted_socket(const std::string& path) {
  struct stat file {};
  return ::lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode) &&
         (file.st_uid == 0 || file.st_uid == ::getuid());
}

unsigned user_id() { return ::getuid(); }

}  // namespace dogpipe::base
