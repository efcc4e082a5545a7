#include "http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.h"

namespace dogpipe::http {
namespace {

struct CleanUp {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  void operator()(char* text) const noexcept { curl_free(text); }
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* raw = nullptr;
  if (curl_url_get(url, which, &raw, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, CleanUp> text(raw);
  return text.get();
}

int default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// Whole, as libcurl writes every address that it reads as one: 127.0.0. is a name.
bool is_ipv4(std::string_view host) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (host.empty() || host.front() != '.') return false;
      host.remove_prefix(1);
    }
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(host.data(), host.data() + host.size(), number);
    if (failure != std::errc() || number > 255) return false;
    host.remove_prefix(static_cast<std::size_t>(end - host.data()));
  }
  return host.empty();
}

base::Error unusable(const char* why) {
  return {base::Kind::usage, std::string("not a usable URL: ") + why};
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

}  // namespace

std::string Url::origin() const {
  std::string out = scheme + "://" + host;
  if (port != default_port(scheme)) out += ':' + std::to_string(port);
  return out;
}

std::string Url::text() const {
  std::string out = origin() + path;
  if (!query.empty()) out += '?' + query;
  return out;
}

std::string Url::place() const { return host + ':' + std::to_string(port); }

bool Url::is_loopback() const {
  return host == "localhost" || host == "[::1]" ||
         (host.compare(0, 4, "127.") == 0 && is_ipv4(host));
}

base::Result<Url> read_url(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f &&
           std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  if (!plain) return unusable("it holds spaces, quotes or characters that need percent-encoding");
  const std::string start = base::lower(text.substr(0, 8));
  const bool absolute = start == "https://" || start.substr(0, 7) == "http://";
  if (!absolute) return unusable("it does not begin with https://");
  const std::unique_ptr<CURLU, CleanUp> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return unusable("its host, port or path cannot be read");
  }
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
    return unusable("it holds a user name or password");
  }
  if (!part(url.get(), CURLUPART_FRAGMENT).empty()) return unusable("it has a fragment (#...)");
  Url out;
  out.scheme = part(url.get(), CURLUPART_SCHEME);
  out.host = base::lower(part(url.get(), CURLUPART_HOST));
  out.path = part(url.get(), CURLUPART_PATH);
  out.query = part(url.get(), CURLUPART_QUERY);
  const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (out.host.empty() || out.port == 0) return unusable("it names no host");
  return out;
}

std::string resolve(const std::string& base, std::string_view reference) {
  const std::unique_ptr<CURLU, CleanUp> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(), 0) != CURLUE_OK) {
    return {};
  }
  return part(url.get(), CURLUPART_URL);
}

Url with_parameter(Url url, std::string_view name, std::string_view value) {
  if (!url.query.empty()) url.query += '&';
  url.query += std::string(name) + '=' + percent_encoded(value);
  return url;
}

}  // namespace dogpipe::http
