// Bytes from 0x80 on as words of a language, so that a fuzzer writes sentences instead of letters.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dogpipe::fuzz {

inline std::string with_words(std::string_view text, std::span<const std::string_view> words) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += words[static_cast<std::size_t>(byte - 0x80) % words.size()];
    }
  }
  return out;
}

}  // namespace dogpipe::fuzz
