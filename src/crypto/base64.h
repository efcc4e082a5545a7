// Base64 (RFC 4648): with padding, and the URL alphabet without.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dogpipe::crypto {

std::string base64(std::string_view bytes);
std::string base64url(std::span<const unsigned char> bytes);
std::string base64url(std::string_view bytes);
// Errors: Kind::malformed, also for what base64url() would not have written.
base::Result<std::string> read_base64url(std::string_view text);

}  // namespace dogpipe::crypto
