// SHA-256 (FIPS 180-4), and comparing without telling where the difference is.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace dogpipe::crypto {

std::array<unsigned char, 32> sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// Takes the same time for all texts of the same length.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace dogpipe::crypto
