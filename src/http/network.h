// How the machine reaches the network: what it trusts, and through which proxy it goes.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "http/url.h"

namespace dogpipe::http {

// Which certification authorities are trusted. Empty: not given. libcurl reads none of the
// environment variables itself, so the caller fills in SSL_CERT_FILE and its kin.
struct Trust {
  std::string bundle;     // PEM file instead of the system's
  std::string directory;  // hashed directory (openssl rehash) instead of the system's
  std::string extra;      // PEM file in addition to the others
};

struct Network {
  Trust trust;
  std::string client_certificate;  // PEM files
  std::string client_key;
  base::Secret proxy;    // URL, may hold a user name and password; empty: none
  std::string no_proxy;  // comma-separated hosts and domains that are reached directly
  bool http1_only = false;
  bool allow_http = false;  // plain http as well, for loopback
  std::chrono::milliseconds connect_timeout{10'000};
};

// The proxy settings that a user's environment may hold, each empty if absent.
struct ProxyVariables {
  std::string https_proxy;
  std::string http_proxy;
  std::string all_proxy;
};
// The one that applies to `url`.
base::Secret choose_proxy(const ProxyVariables& variables, const Url& url);

// Whether `no_proxy` says that `url` is reached directly. (libcurl is told too, and knows
// networks.)
bool is_exempt(std::string_view no_proxy, const Url& url);

// The proxy's host and port for messages, without user name and password.
std::string proxy_place(const base::Secret& proxy);

// What to hand to libcurl. A hashed directory is looked up certificate by certificate; loading a
// whole bundle costs 17 ms a start, so the directory is preferred where it has entries.
struct TrustSource {
  std::string bundle;     // CURLOPT_CAINFO
  std::string directory;  // CURLOPT_CAPATH
  std::string blob;       // CURLOPT_CAINFO_BLOB: several bundles joined
};
// Errors: Kind::untrusted when a file that was asked for cannot be read, or the system has no
// store.
base::Result<TrustSource> find_trust(const Trust& trust);

}  // namespace dogpipe::http
