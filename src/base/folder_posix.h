// A folder's files by its descriptor. For the files of this room.
#pragma once

#include <memory>

#include "base/files.h"
#include "base/private_file_posix.h"

namespace dogpipe::base {

std::unique_ptr<Folder> folder_of(OpenFolder folder);

}  // namespace dogpipe::base
