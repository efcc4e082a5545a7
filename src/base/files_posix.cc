#include <fcntl.h>
#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "base/files.h"
#include "base/folder_posix.h"
#include "base/private_file_posix.h"

namespace dogpipe::base {
namespace {

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();  // "link/" is what it points to
  return path;
}

// For messages: where "folder/../.." is.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

Result<void> check_owner_and_mode(const struct stat& info, const std::string& path, bool ours) {
  const bool trusted = info.st_uid == ::geteuid() || (!ours && info.st_uid == 0);
  if (!trusted) {
    return untrusted(
        real_path(path),
        fmt::format("belongs to user {}, not to {}; use another folder", info.st_uid, ::geteuid()));
  }
  // Of a sticky folder, as /tmp, others cannot take out what is ours.
  const bool sticky = !ours && (info.st_mode & S_ISVTX) != 0;
  if ((info.st_mode & kOthersWrite) != 0 && !sticky) {
    const std::string real = real_path(path);
    return untrusted(real, fmt::format("others can write there (mode {:04o}); run: chmod go-w {}",
                                       info.st_mode & 07777u, real));
  }
  return {};
}

// By "..", not by the path: what counts is where the folder is, not how it was called.
Result<void> check_parents(const OpenFolder& folder, struct stat below, const std::string& home) {
  struct stat end = {};
  const bool has_end = !home.empty() && ::stat(home.c_str(), &end) == 0;
  std::string up = "..";
  while (!has_end || !same_file(below, end)) {
    struct stat info = {};
    if (::fstatat(folder.get(), up.c_str(), &info, 0) != 0) return failed(folder.path_of(up));
    if (same_file(info, below)) break;  // the root
    auto checked = check_owner_and_mode(info, folder.path_of(up), false);
    if (!checked) return checked;
    below = info;
    up += "/..";
  }
  return {};
}

Result<OpenFolder> open_folder(const std::string& path) {
  OpenFolder folder{Descriptor(uninterrupted([&] { return ::open(path.c_str(), kOpenFolder); })),
                    path};
  if (folder.descriptor || errno == ENOENT) return folder;
  if (errno == ENOTDIR || errno == ELOOP) {
    return untrusted(path, "not a folder, or a link to one; use another");
  }
  return failed(path);
}

// A folder that was not on the disk takes what is in it along. A parent that we may not read can
// not be told.
Result<void> sync_parent(const OpenFolder& folder) {
  const OpenFolder parent{Descriptor(::openat(folder.get(), "..", kOpenFolder)),
                          folder.path_of("..")};
  if (!parent.descriptor) return {};
  return sync_folder(parent);
}

Result<OpenFolder> create_folder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return failed(path);
  auto folder = open_folder(path);
  if (!folder) return folder;
  if (!folder->descriptor) return failed(path);
  if (auto synced = sync_parent(*folder); !synced) return synced.error();
  return folder;
}

Result<void> check_folder(const OpenFolder& folder, const std::string& home) {
  struct stat info = {};
  if (::fstat(folder.get(), &info) != 0) return failed(folder.path);
  if (auto checked = check_owner_and_mode(info, folder.path, true); !checked) return checked;
  return check_parents(folder, info, home);
}

}  // namespace

Result<std::unique_ptr<Folder>> PosixFiles::open(const std::string& path, Missing missing) {
  const std::string name = without_slashes(path);
  auto folder = open_folder(name);
  if (!folder) return folder.error();
  if (!folder->descriptor && missing == Missing::accept) return std::unique_ptr<Folder>();
  if (!folder->descriptor) folder = create_folder(name);
  if (!folder) return folder.error();
  if (auto checked = check_folder(*folder, home_); !checked) return checked.error();
  return folder_of(std::move(*folder));
}

void PosixFiles::pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace dogpipe::base
