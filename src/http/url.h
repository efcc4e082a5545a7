// URLs (RFC 3986), as libcurl reads them: what is checked here is what is connected to.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dogpipe::http {

struct Url {
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case; an IPv6 address in brackets
  int port = 0;        // the scheme's own if none is given
  std::string path;    // begins with a slash
  std::string query;   // without the question mark

  std::string text() const;
  // "https://host", with the port where it is not the scheme's own.
  std::string origin() const;
  // "host:port", for messages to people.
  std::string place() const;
  bool is_loopback() const;
};

// Errors: Kind::usage for what is no absolute http(s) URL, has user information or a fragment, or
// holds controls, spaces or quotes.
base::Result<Url> read_url(std::string_view text);

// What a reference (RFC 3986 section 4.1, the Location of a redirect) means at `base`; empty if it
// means nothing. Unchecked: read_url() says whether it may be used.
std::string resolve(const std::string& base, std::string_view reference);

// The URL with one more query parameter, percent-encoded.
Url with_parameter(Url url, std::string_view name, std::string_view value);

}  // namespace dogpipe::http
