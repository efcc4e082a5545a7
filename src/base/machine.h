// What the system says of paths and of the user.
#pragma once

#include <string>

namespace dogpipe::base {

bool path_exists(const std::string& path);
// A regular file that this user may execute.
bool is_program(const std::string& path);
// A socket that this user or the system made. In a folder like /tmp it could be anybody's.
bool is_trusted_socket(const std::string& path);

unsigned user_id();

}  // namespace dogpipe::base
