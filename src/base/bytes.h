// A growing run of bytes for messages of any size.
//
// std::string copies when it grows and clears what it adds. Here growth is realloc(), which for
// large blocks moves page-table entries instead of bytes, and pages beyond size() are never
// touched, so the peak memory of a 64 MB message is 64 MB.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace dogpipe::base {

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::string_view text) { append(text); }
  Bytes(Bytes&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  const char* data() const noexcept { return data_.get(); }
  char* data() noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::string_view view() const noexcept { return {data_.get(), size_}; }

  void append(std::string_view more) {
    if (more.empty()) return;
    if (capacity_ - size_ < more.size()) grow(size_ + more.size());
    std::memcpy(data_.get() + size_, more.data(), more.size());
    size_ += more.size();
  }
  void append(char c) { append(std::string_view(&c, 1)); }

  // Room for `total` bytes altogether: one allocation where the length is known beforehand.
  void reserve(std::size_t total) {
    if (total > capacity_) reallocate(total);
  }
  // Forgets the bytes behind `size`, which must not exceed size().
  void truncate(std::size_t size) noexcept { size_ = size; }
  // Forgets all bytes, keeps the memory.
  void clear() noexcept { size_ = 0; }

 private:
  static constexpr std::size_t kLarge = 512 * 1024;
  static constexpr std::size_t kFirstLarge = 16 * 1024 * 1024;

  struct Free {
    void operator()(char* block) const noexcept { std::free(block); }
  };

  // What is not written to costs nothing but addresses, while moving a large block costs page
  // faults: from a certain size on growth is by a lot.
  void grow(std::size_t wanted) {
    std::size_t roomy = capacity_ * 2;
    if (wanted > kLarge) roomy = capacity_ > kLarge ? capacity_ * 4 : kFirstLarge;
    reallocate(wanted > roomy ? wanted : roomy);
  }
  void reallocate(std::size_t capacity);

  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace dogpipe::base
