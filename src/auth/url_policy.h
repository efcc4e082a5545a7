// Which of the URLs that servers name are followed, given a request, or opened in a browser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace dogpipe::auth {

// What the user trusts.
struct Trusted {
  http::Url endpoint;  // of the MCP server
  // "datadoghq.com": it and every name under it. An endpoint among them trusts them all, any other
  // none of them.
  std::vector<std::string> domains;
  std::vector<std::string> origins;  // of --allow-issuer: "https://login.example.com"
};

// All: at most 4 KiB; https, or http where the endpoint itself is on this machine and the URL is
// too. A host that is_private_address() is refused unless the endpoint's host is one itself, or the
// user has named the origin. What comes back is what libcurl will make of the text, which is not
// always the text. Errors: Kind::untrusted, without the URL.

// Metadata of the resource: on the endpoint's own origin.
base::Result<http::Url> check_resource_metadata_url(std::string_view url, const Trusted& trusted);
// An issuer that the protected resource has named: no query. Where the endpoint lies in one of the
// trusted domains, so must the issuer (or on the endpoint's origin, or in `origins`).
base::Result<http::Url> check_issuer(std::string_view url, const Trusted& trusted);
// A token, registration, revocation or device endpoint of `issuer`: on the endpoint's origin, the
// issuer's, or what the user trusts. With a loopback endpoint, anywhere on this machine.
base::Result<http::Url> check_endpoint(std::string_view url, std::string_view issuer,
                                       const Trusted& trusted);
// The same for a URL that goes to a browser as an argument: besides, nothing in it may mean
// something to a command line (MCP security best practices, "OAuth Authorization URL Validation").
base::Result<http::Url> check_browser_url(std::string_view url, std::string_view issuer,
                                          const Trusted& trusted);

// Whether the name in it must resolve to a public address: not where the endpoint itself is none,
// nor where the user has named the origin.
bool must_be_public(const http::Url& url, const Trusted& trusted);

// A literal address (brackets allowed) that is loopback, private, link-local, unique-local, mapped,
// multicast, unspecified or reserved (RFC 6890), in any spelling that inet_aton() takes: 127.1,
// 0x7f000001, 017700000001. Also "localhost" and the names under it, and what looks like an address
// but cannot be read as one (a name's last label does not begin with a digit). Other names are not
// looked up.
bool is_private_address(std::string_view host);

}  // namespace dogpipe::auth
