// What the loopback listener lets in, and where it listens. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/http_message.h"

namespace dogpipe::auth {

struct RedirectUri {
  std::string host;  // "localhost", "127.0.0.1" or "[::1]"
  std::uint16_t port = 0;
  std::string path;
};

// A redirect URI that can be listened on (RFC 8252 section 7.3): http, one of the three hosts, no
// query, no fragment. Errors: Kind::usage.
base::Result<RedirectUri> read_redirect_uri(std::string_view text);

struct ExpectedRequest {
  std::vector<std::string> hosts;  // Host fields, byte for byte
  std::string callback_path;
  std::string done_path;
};

// The redirect URI's host and 127.0.0.1, with the port; without it as well where it is 80. The page
// at the end stands at /done, or beside it if that is the callback's own path.
ExpectedRequest expected_requests(const RedirectUri& uri);

enum class RequestVerdict : std::uint8_t {
  callback,
  done,
  wrong_host,    // 400: somebody else's name for this machine (DNS rebinding), or several
  wrong_method,  // 405
  wrong_path,    // 404
};

RequestVerdict judge_request(const event::HttpRequest& request, const ExpectedRequest& expected);

}  // namespace dogpipe::auth
