// What a server says in WWW-Authenticate when it refuses a request (RFC 9110 section 11.6.1, RFC
// 6750 section 3, RFC 9728 section 5.1).
#pragma once

#include <string>
#include <string_view>

namespace dogpipe::auth {

// Of the Bearer scheme; what is not said is empty. Everything in it is the server's choice of text.
struct Challenge {
  std::string resource_metadata;  // URL of the protected resource's metadata
  std::string scope;              // wanted, separated by spaces
  std::string error;              // "invalid_token", "insufficient_scope", ...

  bool wants_more_scope() const { return error == "insufficient_scope"; }
};

// `fields` holds the values of all WWW-Authenticate fields, joined with ", ". Schemes and parameter
// names compare without case; other schemes, and what cannot be read, are passed over: a server
// that garbles its challenge is found like one that sends none. The first Bearer challenge that
// says anything counts, and of a parameter given twice the first. Beyond 16 KiB nothing is read,
// and no value beyond 4 KiB.
Challenge read_challenge(std::string_view fields);

}  // namespace dogpipe::auth
