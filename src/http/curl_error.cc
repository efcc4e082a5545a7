#include "http/curl_error.h"

#include <string_view>
#include <system_error>

#include "base/log.h"
#include "http/url.h"

namespace dogpipe::http {
namespace {

using base::Error;
using base::Kind;

std::string place_of(const std::string& url) {
  const auto read = read_url(url);
  return read ? read->place() : "the server";
}

std::string os_reason(CURL* easy) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  return number == 0 ? std::string("no connection")
                     : std::generic_category().message(static_cast<int>(number));
}

// Codes of X509_verify_cert(3), which libcurl passes on as they are.
std::string_view verification(CURL* easy) {
  long result = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
  switch (result) {
    case 9:
      return "its certificate is not valid yet: is this machine's clock right?";
    case 10:
      return "its certificate has expired, or this machine's clock is wrong";
    case 18:
      return "its certificate is signed by itself: name it with --ca-cert if you trust it";
    case 19:
    case 20:
    case 21:
      return "its certificate comes from an authority that this machine does not know. On a "
             "company "
             "network with TLS inspection, name the company's CA file with --ca-cert";
    case 62:
      return "its certificate is for another host";
    default:
      return "its certificate does not name this host, or cannot be verified";
  }
}

bool went_through_proxy(const Network& network) { return !network.proxy.empty(); }

long connect_status(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

bool was_sent(CURL* easy) {
  long bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

Error proxy_error(const Network& network, const std::string& why) {
  return {Kind::proxy, "the proxy " + base::printable(proxy_place(network.proxy)) + " " + why};
}

Error refused_by_proxy(const Network& network, long status) {
  Error error = proxy_error(network, "refused the connection with HTTP " + std::to_string(status));
  error.kind = Kind::forbidden;
  // 407 is the code for it; tinyproxy says 401 to a wrong password.
  if (status == 407 || status == 401) {
    error.what +=
        ": it wants a user name and password, or others than those given; put them into the proxy "
        "URL, http://user:password@host:port";
  }
  return error;
}

Error connection_error(CURLcode code, CURL* easy, const Network& network, const std::string& url) {
  const std::string place = place_of(url);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Kind::unreachable, "cannot reach " + place + ": its name cannot be resolved (DNS)"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return proxy_error(network, "has a name that cannot be resolved (DNS)");
    default:
      break;
  }
  if (went_through_proxy(network)) {
    return proxy_error(network, "cannot be reached: " + os_reason(easy));
  }
  return {Kind::unreachable, "cannot reach " + place + ": " + os_reason(easy)};
}

Error tls_error(CURLcode code, CURL* easy, const std::string& url) {
  const std::string start = "no trusted connection to " + place_of(url) + ": ";
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return {Kind::untrusted, start + std::string(verification(easy))};
    case CURLE_SSL_CERTPROBLEM:
      return {Kind::untrusted, start + "the client certificate or its key cannot be used"};
    case CURLE_SSL_CACERT_BADFILE:
      return {Kind::untrusted, start + "the file of certification authorities cannot be read"};
    default:
      return {Kind::tls, start + "the TLS handshake failed"};
  }
}

bool is_tls(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
      return true;
    default:
      return false;
  }
}

// "CN = Example CA, O = Example" of a line "Issuer:CN = Example CA, O = Example".
std::string value_of(const curl_slist* lines, std::string_view name) {
  for (; lines != nullptr; lines = lines->next) {
    const std::string_view line = lines->data;
    if (line.size() > name.size() && line.substr(0, name.size()) == name &&
        line[name.size()] == ':') {
      return base::printable(line.substr(name.size() + 1, 128));
    }
  }
  return {};
}

}  // namespace

void set_security(CURL* easy, const Network& network, const TrustSource& trust) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  };
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_CAINFO, or_null(trust.bundle));
  curl_easy_setopt(easy, CURLOPT_CAPATH, or_null(trust.directory));
  if (!trust.blob.empty()) {
    curl_blob blob = {const_cast<char*>(trust.blob.data()), trust.blob.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!network.client_certificate.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, network.client_certificate.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, or_null(network.client_key));
    // Without this OpenSSL asks for the password of an encrypted key on the terminal, and waits.
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
  }
  // An empty proxy, not an absent one: libcurl must not look into the environment by itself.
  curl_easy_setopt(easy, CURLOPT_PROXY, std::string(network.proxy.reveal()).c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, network.no_proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
}

Error read_curl_error(CURLcode code, CURL* easy, const Network& network, const std::string& url) {
  const long through = connect_status(easy);
  if (went_through_proxy(network) && through >= 300) return refused_by_proxy(network, through);
  if (is_tls(code)) return tls_error(code, easy, url);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return connection_error(code, easy, network, url);
    case CURLE_PROXY:
      return proxy_error(network, "failed while opening the connection");
    case CURLE_OPERATION_TIMEDOUT:  // our own limits apart, only connecting is limited
      return {Kind::unreachable, "cannot reach " + place_of(url) + ": no connection within " +
                                     std::to_string(network.connect_timeout.count() / 1000) + " s"};
    case CURLE_UNSUPPORTED_PROTOCOL:  // the URL's, or what the server speaks instead of HTTP
      if (was_sent(easy)) return {Kind::malformed, "the server's response is no HTTP"};
      [[fallthrough]];
    case CURLE_URL_MALFORMAT:
      return {Kind::usage, "the URL cannot be used"};
    case CURLE_OUT_OF_MEMORY:  // also its answer to a header line beyond 100 KiB
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
      return {Kind::malformed, "the server's response is no HTTP"};
    default:
      return {Kind::cut, "the connection to " + place_of(url) + " ended before the response did"};
  }
}

std::string describe_certificate(CURL* easy) {
  curl_certinfo* chain = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain);
  if (chain == nullptr || chain->num_of_certs < 1) return {};
  const curl_slist* leaf = chain->certinfo[0];
  return " (the certificate is for " + value_of(leaf, "Subject") + ", issued by " +
         value_of(leaf, "Issuer") + ")";
}

}  // namespace dogpipe::http
