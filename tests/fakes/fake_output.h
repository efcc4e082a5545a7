// An Output that hands on what it is given, line by line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "event/stdio.h"

namespace dogpipe::fakes {

class FakeOutput final : public event::Output {
 public:
  using OnLine = std::function<void(std::string_view)>;

  // `on_line` gets each line without its end.
  explicit FakeOutput(OnLine on_line) : on_line_(std::move(on_line)) {}

  void write(std::string_view bytes) override {
    text_ += bytes;
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      on_line_(line);
    }
  }
  void write(base::Bytes&& bytes) override { write(bytes.view()); }
  std::size_t queued_bytes() const override { return 0; }

  // What was written after the last line end.
  const std::string& rest() const { return text_; }

 private:
  OnLine on_line_;
  std::string text_;
};

}  // namespace dogpipe::fakes
