#include "http/network.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace dogpipe::http {
namespace {

namespace fs = std::filesystem;

// Where distributions keep their store. Hashed directories: Debian and its kin, Fedora and RHEL,
// SUSE, FreeBSD.
constexpr std::array<const char*, 4> kDirectories = {"/etc/ssl/certs", "/etc/pki/tls/certs",
                                                     "/var/lib/ca-certificates/openssl",
                                                     "/usr/local/share/certs"};
// Bundles: Debian, Alpine, Arch; RHEL; SUSE; macOS and the BSDs.
constexpr std::array<const char*, 5> kBundles = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem"};
constexpr std::size_t kBundleLimitBytes = 16u << 20;

// "5ed36f99.0": eight hex digits and a number, as OpenSSL looks them up.
bool is_hash_name(const std::string& name) {
  return name.size() >= 10 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8 &&
         name.find_first_not_of("0123456789", 9) == std::string::npos;
}

bool is_hashed(const std::string& directory) {
  std::error_code failure;
  for (fs::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (is_hash_name(at->path().filename().string())) return true;
  }
  return false;
}

template <class Paths, class Test>
std::string first_that(const Paths& paths, Test&& test) {
  for (const char* path : paths) {
    if (test(std::string(path))) return path;
  }
  return {};
}

base::Error unreadable(base::Error why) {
  why.kind = base::Kind::untrusted;
  return std::move(why).during("reading the certification authorities");
}

}  // namespace

base::Secret choose_proxy(const ProxyVariables& variables, const Url& url) {
  const std::string& own = url.scheme == "https" ? variables.https_proxy : variables.http_proxy;
  return base::Secret(own.empty() ? variables.all_proxy : own);
}

std::string proxy_place(const base::Secret& proxy) {
  std::string_view rest = proxy.reveal();
  // The last @: a password may hold one, or a slash.
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (const auto at = rest.find("://"); at != std::string_view::npos) rest.remove_prefix(at + 3);
  return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

bool is_exempt(std::string_view no_proxy, const Url& url) {
  while (!no_proxy.empty()) {
    const std::size_t end = no_proxy.find_first_of(", ");
    std::string_view entry = no_proxy.substr(0, end);
    no_proxy = end == std::string_view::npos ? std::string_view() : no_proxy.substr(end + 1);
    if (entry == "*") return true;
    if (!entry.empty() && entry.front() == '.') entry.remove_prefix(1);
    if (entry.empty() || !base::ends_with(url.host, base::lower(entry))) continue;
    const std::size_t before = url.host.size() - entry.size();
    if (before == 0 || url.host[before - 1] == '.') return true;
  }
  return false;
}

base::Result<TrustSource> find_trust(const Trust& trust) {
  TrustSource source;
  source.bundle = trust.bundle;
  source.directory = trust.directory;
  if (source.bundle.empty() && source.directory.empty()) {
    source.directory = first_that(kDirectories, is_hashed);
    if (source.directory.empty()) source.bundle = first_that(kBundles, base::file_exists);
  }
  if (trust.extra.empty()) {
    if (source.bundle.empty() && source.directory.empty()) {
      return base::Error{base::Kind::untrusted,
                         "this machine has no certification authorities: install the package "
                         "ca-certificates, or name a file with --ca-cert"};
    }
    return source;
  }
  if (!base::file_exists(trust.extra)) {
    return base::Error{base::Kind::untrusted, "cannot read the --ca-cert file " + trust.extra};
  }
  if (source.bundle.empty()) {
    source.bundle = trust.extra;
    return source;
  }
  const std::array<const std::string*, 2> files = {&source.bundle, &trust.extra};
  for (const std::string* file : files) {
    auto text = base::read_file(*file, kBundleLimitBytes);
    if (!text) return unreadable(std::move(text).error());
    source.blob += *text + '\n';
  }
  source.bundle.clear();
  return source;
}

}  // namespace dogpipe::http
