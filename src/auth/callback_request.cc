#include "auth/callback_request.h"

#include <algorithm>

#include "http/url.h"

namespace dogpipe::auth {
namespace {

base::Error unusable(const char* why) {
  return {base::Kind::usage,
          std::string("the redirect URI cannot be listened on: ") + why +
              " (it must be like http://localhost:8080/callback, with localhost, 127.0.0.1 or "
              "[::1])"};
}

}  // namespace

base::Result<RedirectUri> read_redirect_uri(std::string_view text) {
  const auto url = http::read_url(text);
  if (!url) return unusable("it is no usable URL");
  if (url->scheme != "http") return unusable("it is not http");
  if (url->host != "localhost" && url->host != "127.0.0.1" && url->host != "[::1]") {
    return unusable("its host is not this machine");
  }
  if (text.find_first_of("?#") != std::string_view::npos) {
    return unusable("it has a query or a fragment");  // if only an empty one
  }
  if (url->port < 1 || url->port > 65535) return unusable("its port does not exist");
  return RedirectUri{url->host, static_cast<std::uint16_t>(url->port), url->path};
}

ExpectedRequest expected_requests(const RedirectUri& uri) {
  ExpectedRequest expected;
  for (const std::string& host : {uri.host, std::string("127.0.0.1")}) {
    expected.hosts.push_back(host + ':' + std::to_string(uri.port));
    if (uri.port == 80) expected.hosts.push_back(host);
  }
  expected.callback_path = uri.path;
  expected.done_path = uri.path == "/done" ? "/done/page" : "/done";
  return expected;
}

RequestVerdict judge_request(const event::HttpRequest& request, const ExpectedRequest& expected) {
  const auto host = request.fields.find("Host");
  const auto& hosts = expected.hosts;
  if (request.fields.count("Host") != 1 ||
      std::find(hosts.begin(), hosts.end(), *host) == hosts.end()) {
    return RequestVerdict::wrong_host;
  }
  if (request.method != "GET") return RequestVerdict::wrong_method;
  if (request.path == expected.callback_path) return RequestVerdict::callback;
  if (request.path == expected.done_path) return RequestVerdict::done;
  return RequestVerdict::wrong_path;
}

}  // namespace dogpipe::auth
