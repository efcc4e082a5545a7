// libcurl's outcomes in our terms, and the security options that they are about; for http/ alone.
#pragma once

#include <curl/curl.h>

#include <string>

#include "base/error.h"
#include "http/network.h"

namespace dogpipe::http {

// TLS trust, client certificate and proxy.
void set_security(CURL* easy, const Network& network, const TrustSource& trust);

// What `code` means for a request to `url`, in words that name the host or the proxy.
base::Error read_curl_error(CURLcode code, CURL* easy, const Network& network,
                            const std::string& url);

// " (the certificate is for ..., issued by ...)" of the server that `easy` is connected to; empty
// if it is not known. The names come from the network and are cleaned.
std::string describe_certificate(CURL* easy);

}  // namespace dogpipe::http
