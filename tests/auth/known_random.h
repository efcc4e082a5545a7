// Random numbers that a test knows beforehand, and a generator that has none.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/random.h"

namespace dogpipe::auth {

// Gives `bytes` over and over.
class Known final : public crypto::Random {
 public:
  explicit Known(std::string bytes) : bytes_(std::move(bytes)) {}

  base::Result<void> fill(std::span<unsigned char> bytes) override {
    for (unsigned char& byte : bytes) {
      byte = static_cast<unsigned char>(bytes_[at_]);
      at_ = (at_ + 1) % bytes_.size();
    }
    return {};
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

// Fills half of what is asked for and fails.
class Failing final : public crypto::Random {
 public:
  base::Result<void> fill(std::span<unsigned char> bytes) override {
    std::fill_n(bytes.begin(), bytes.size() / 2, static_cast<unsigned char>(7));
    return base::Error{base::Kind::file, "none left"};
  }
};

}  // namespace dogpipe::auth
