// The lock of file systems that have none (NFS without its lock service): a file that is there
// while the lock is held, and says by whom. For the files of this room.
//
// A claim left behind by a process of this machine is void as soon as that is gone, one of another
// machine (or from before a restart) after 30 s. So a long hold is safe on one machine only; two
// machines that share a home may both believe to hold it, which costs a sign-in, not a file.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/private_file_posix.h"

namespace dogpipe::base {

class Claim {
 public:
  static constexpr std::chrono::seconds kForeignLife{30};

  Claim(SharedFolder folder, std::string name, Descriptor file)
      : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

 private:
  SharedFolder folder_;
  std::string name_;
  Descriptor file_;
};

// Null: somebody else has it.
Result<std::unique_ptr<Claim>> try_claim(const SharedFolder& folder, const std::string& name);
bool is_claimed(const OpenFolder& folder, const std::string& name);

}  // namespace dogpipe::base
