// Where the metadata of a server is looked for, and when what is found there counts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/metadata.h"
#include "http/url.h"

namespace dogpipe::auth {

// Without a URL in the challenge: the well-known place with the endpoint's path, then at the root
// (RFC 9728 section 3.1; MCP authorization, "Protected Resource Metadata Discovery"). The query is
// left out, and a slash at the end of the path.
std::vector<std::string> resource_metadata_urls(const http::Url& endpoint);

// Whether metadata for `resource` speaks of `endpoint`: the same origin, and a path that is the
// endpoint's or a prefix of it at a slash (RFC 9728 section 3.3, and Datadog's root document). A
// slash at the end makes no difference; a query must be the endpoint's.
bool covers(std::string_view resource, const http::Url& endpoint);

// For an issuer with a path: RFC 8414 with the path inserted, OpenID with it inserted, OpenID with
// it in front; last the root, where Datadog keeps the document of its path-bearing issuer. Without
// a path: RFC 8414, OpenID. The path stays as it is but for a slash at its end (RFC 8414 section
// 3.1). Empty if the issuer is no usable URL, or has a query.
std::vector<std::string> server_metadata_urls(std::string_view issuer);

// Whether a document may be used that was looked for under `wanted`, the issuer that the protected
// resource has named: only if it calls itself exactly so (RFC 8414 section 3.3). That also admits
// the document at the root of an issuer with a path, and nothing but the right one there.
bool is_document_of(const ServerMetadata& document, std::string_view wanted);

// Servers of revision 2025-03-26 have no protected-resource metadata; their authorization server is
// their own origin.
std::string legacy_issuer(const http::Url& endpoint);
// What that revision has clients assume where no metadata at all is published: /authorize, /token
// and /register at the origin. S256, which nobody has announced there, counts as announced: it is
// sent in any case.
ServerMetadata legacy_endpoints(const http::Url& endpoint);

}  // namespace dogpipe::auth
