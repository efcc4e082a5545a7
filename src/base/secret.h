// A string that may go to the server it was issued for, and nowhere else.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace dogpipe::base {

// Has no formatter and no stream operator, so a log call with one does not compile. The bytes are
// overwritten when the Secret goes, as far as we hold them (libcurl keeps copies of its own).
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = other.text_;
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }
  // To be called only where the text is put into a request.
  std::string_view reveal() const noexcept { return text_; }

 private:
  void wipe() noexcept {
    volatile char* byte = text_.data();  // volatile: the writes are the point
    for (std::size_t i = 0; i < text_.size(); ++i) byte[i] = 0;
    text_.clear();
  }

  std::string text_;
};

}  // namespace dogpipe::base
