// Signing in on another device: what to tell the user (RFC 8628 section 3.2).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::auth {

struct DeviceReply {
  base::Secret device_code;
  std::string user_code;                  // printable ASCII, at most 64 bytes
  std::string verification_uri;           // unchecked
  std::string verification_uri_complete;  // unchecked; may be empty
  std::chrono::seconds lifetime{0};       // in [60 s, 30 min]
  std::chrono::seconds interval{5};       // in [1 s, 60 s]
};
// A reply with status 200. Errors: Kind::malformed, also for a device code or URL beyond 4 KiB, or
// when the server does not say how long the code lives.
base::Result<DeviceReply> read_device_reply(std::string_view body);

}  // namespace dogpipe::auth
