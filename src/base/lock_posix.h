// Locks between processes on POSIX systems. For the files of this room.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/private_file_posix.h"

namespace dogpipe::base {

// An OFD lock: bound to the descriptor, so that neither closing another one of the same file nor a
// thread more frees it, as it would a POSIX lock. Where the file system has none, a claim.
Result<std::unique_ptr<FileLock>> try_lock(const SharedFolder& folder, const std::string& name);
std::optional<std::string> note_of_lock(const OpenFolder& folder, const std::string& name);

}  // namespace dogpipe::base
