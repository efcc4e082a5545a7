#include "auth/url_policy.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kUrlLimitBytes = 4 * 1024;

base::Error refused(const char* why) {
  return {base::Kind::untrusted, std::string("the server names a URL that is not used: ") + why};
}

bool is_under(std::string_view host, std::string_view domain) {
  const std::string name = base::lower(domain);
  return !name.empty() && (host == name || base::ends_with(host, '.' + name));
}

bool is_in_domains(const http::Url& url, const Trusted& trusted) {
  return std::any_of(trusted.domains.begin(), trusted.domains.end(),
                     [&](const std::string& domain) { return is_under(url.host, domain); });
}

bool is_in_origins(const http::Url& url, const Trusted& trusted) {
  return std::any_of(trusted.origins.begin(), trusted.origins.end(), [&](const std::string& text) {
    const auto origin = http::read_url(text);
    return origin && origin->origin() == url.origin();
  });
}

// The domains vouch for each other, and for nobody else.
bool is_kin(const http::Url& url, const Trusted& trusted) {
  return is_in_domains(url, trusted) && is_in_domains(trusted.endpoint, trusted);
}

// Whether the user has spoken for it.
bool is_trusted(const http::Url& url, const Trusted& trusted) {
  return url.origin() == trusted.endpoint.origin() || is_kin(url, trusted) ||
         is_in_origins(url, trusted);
}

bool are_local(const http::Url& url, const Trusted& trusted) {
  return url.is_loopback() && trusted.endpoint.is_loopback();
}

bool is_reachable(const http::Url& url, const Trusted& trusted) {
  return !is_private_address(url.host) || is_private_address(trusted.endpoint.host) ||
         is_in_origins(url, trusted);
}

// What holds for every URL that a server names.
base::Result<http::Url> read_named(std::string_view text, const Trusted& trusted) {
  if (text.size() > kUrlLimitBytes) return refused("it is too long");
  auto url = http::read_url(text);
  if (!url) return refused("it cannot be read as one");
  // libcurl decodes a host's percent-encoding, and may then read another one from it.
  const auto again = http::read_url(url->text());
  if (!again || again->text() != url->text()) return refused("it can be read in two ways");
  if (url->scheme != "https" && !are_local(*url, trusted)) return refused("it is not https");
  if (!is_reachable(*url, trusted)) return refused("its host is not a public one");
  return url;
}

}  // namespace

base::Result<http::Url> check_resource_metadata_url(std::string_view url, const Trusted& trusted) {
  auto named = read_named(url, trusted);
  if (named && named->origin() != trusted.endpoint.origin()) {
    return refused("the resource's metadata is not where the resource is");
  }
  return named;
}

base::Result<http::Url> check_issuer(std::string_view url, const Trusted& trusted) {
  auto named = read_named(url, trusted);
  if (!named) return named;
  if (url.find_first_of("?#") != std::string_view::npos) return refused("an issuer has no query");
  const bool either = is_in_domains(trusted.endpoint, trusted) || is_in_domains(*named, trusted);
  if (either && !is_trusted(*named, trusted)) {
    return refused(
        "the issuer and the server have nothing to do with each other "
        "(--allow-issuer admits one)");
  }
  return named;
}

base::Result<http::Url> check_endpoint(std::string_view url, std::string_view issuer,
                                       const Trusted& trusted) {
  auto named = read_named(url, trusted);
  if (!named || is_trusted(*named, trusted) || are_local(*named, trusted)) return named;
  const auto of_issuer = check_issuer(issuer, trusted);
  if (of_issuer && of_issuer->origin() == named->origin()) return named;
  return refused("it is neither the issuer's nor in a trusted domain (--allow-issuer adds one)");
}

base::Result<http::Url> check_browser_url(std::string_view url, std::string_view issuer,
                                          const Trusted& trusted) {
  auto named = check_endpoint(url, issuer, trusted);
  if (!named) return named;
  // read_url() lets no blank, control, double quote, backslash, backtick or angle bracket through.
  // Square brackets stand in URLs around an address alone.
  if ((named->path + named->query).find_first_of("'$[]") != std::string::npos ||
      named->host.find_first_of("'$") != std::string::npos) {
    return refused("it holds characters that mean something to a shell");
  }
  return named;
}

bool must_be_public(const http::Url& url, const Trusted& trusted) {
  return !is_private_address(trusted.endpoint.host) && !is_in_origins(url, trusted);
}

}  // namespace dogpipe::auth
