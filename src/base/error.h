// What went wrong, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dogpipe::base {

// One enumerator for each decision that some caller takes; text is for people only.
enum class Kind : std::uint8_t {
  usage,        // the command line, the environment or a settings file is wrong
  file,         // a local file or descriptor could not be read or written
  malformed,    // bytes break the grammar they should follow
  too_large,    // a limit on size or nesting was passed
  timed_out,    // a limit on time was passed
  unreachable,  // name look-up or TCP connection failed
  tls,          // the TLS handshake broke off
  untrusted,  // a certificate, the server's or ours, is not accepted: trying again changes nothing
  proxy,      // the proxy cannot be reached or failed
  forbidden,  // the proxy refused: trying again changes nothing
  denied,     // the user or an authorization server has said no
  cut,        // the peer went away in the middle of an exchange
  cancelled,  // nobody wants the outcome any more
};

struct Error {
  Kind kind;
  std::string what;  // one line, never a secret, never text that a server chose

  // The same error with the activity named in front: "reading the token: no such file".
  [[nodiscard]] Error during(std::string_view activity) && {
    what.insert(0, std::string(activity) + ": ");
    return std::move(*this);
  }
};

}  // namespace dogpipe::base
