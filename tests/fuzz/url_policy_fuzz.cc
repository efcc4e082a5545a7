// A URL that is accepted reads again as itself, is https or on this machine, has a public host
// unless the endpoint is private too, and lies where its check says.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "auth/discovery.h"
#include "auth/url_policy.h"

namespace dogpipe::auth {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

Trusted trusting(const char* endpoint) {
  Trusted trusted;
  trusted.endpoint = *http::read_url(endpoint);
  trusted.domains = {"datadoghq.com"};
  trusted.origins = {"https://login.example.com"};
  return trusted;
}

const std::vector<Trusted>& all_trusted() {
  static const std::vector<Trusted> all = {
      trusting("https://mcp.datadoghq.com/v1/mcp"), trusting("https://mcp.example.net/mcp"),
      trusting("http://127.0.0.1:8080/mcp"), trusting("https://10.0.0.1/mcp")};
  return all;
}

void check_accepted(const http::Url& url, const Trusted& trusted) {
  const std::string text = url.text();
  const auto again = http::read_url(text);
  require(again && again->text() == text && again->host == url.host && again->port == url.port);
  const bool local = url.is_loopback() && trusted.endpoint.is_loopback();
  require(url.scheme == "https" || (url.scheme == "http" && local));
  require(!is_private_address(url.host) || is_private_address(trusted.endpoint.host));
  for (const char c : text) require(c > 0x20 && c < 0x7f);
}

bool is_datadog(const http::Url& url) {
  const std::string end = ".datadoghq.com";
  const std::string host = '.' + url.host;
  return host.size() >= end.size() && host.substr(host.size() - end.size()) == end;
}

void check_text(std::string_view text, const Trusted& trusted) {
  if (const auto url = check_resource_metadata_url(text, trusted)) {
    check_accepted(*url, trusted);
    require(url->origin() == trusted.endpoint.origin());
  }
  if (const auto url = check_issuer(text, trusted)) {
    check_accepted(*url, trusted);
    require(url->query.empty() && !server_metadata_urls(text).empty());
    require(!is_datadog(trusted.endpoint) || is_datadog(*url) ||
            url->origin() == "https://login.example.com");
  }
  const auto endpoint = check_endpoint(text, "https://issuer.example.org/t", trusted);
  if (endpoint) {
    check_accepted(*endpoint, trusted);
    require(is_datadog(*endpoint) || endpoint->origin() == "https://login.example.com" ||
            endpoint->origin() == trusted.endpoint.origin() ||
            (endpoint->origin() == "https://issuer.example.org" && !is_datadog(trusted.endpoint)) ||
            (endpoint->is_loopback() && trusted.endpoint.is_loopback()));
  }
  if (const auto url = check_browser_url(text, "https://issuer.example.org/t", trusted)) {
    require(endpoint && endpoint->text() == url->text());
    require(url->text().find_first_of("'\"`$<>\\^{}| ") == std::string::npos);
  }
}

void check(std::string_view text) {
  for (const Trusted& trusted : all_trusted()) {
    check_text(text, trusted);
    // Most of what a fuzzer makes up is no URL: so also as a host, and behind one.
    check_text("https://" + std::string(text), trusted);
    check_text("https://app.datadoghq.com" + std::string(text), trusted);
  }
  const bool is_private = is_private_address(text);
  require(is_private_address('[' + std::string(text) + ']') == is_private ||
          text.find_first_of("[]") != std::string_view::npos);
  for (const Trusted& trusted : all_trusted()) {
    if (covers(text, trusted.endpoint)) {
      require(http::read_url(text)->origin() == trusted.endpoint.origin());
    }
  }
}

}  // namespace
}  // namespace dogpipe::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  dogpipe::auth::check(text);
  return 0;
}
