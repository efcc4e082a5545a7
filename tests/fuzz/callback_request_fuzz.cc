// Whatever is asked of the loopback listener: what is let in is exactly what should be, and a
// redirect URI that is accepted is one of this machine's.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/callback_request.h"

namespace {

using namespace dogpipe;
using auth::RequestVerdict;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// Said once more, in another way.
void check(const event::HttpRequest& request, RequestVerdict verdict) {
  std::string hosts;
  for (const auto& [name, value] : request.fields) {
    if (name.size() == 4 && event::same_field(name, "host")) hosts += value + '\n';
  }
  const bool host = hosts == "localhost:8080\n" || hosts == "127.0.0.1:8080\n";
  const bool get = request.method == "GET";
  require((verdict == RequestVerdict::wrong_host) == !host);
  require((verdict == RequestVerdict::wrong_method) == (host && !get));
  require((verdict == RequestVerdict::callback) == (host && get && request.path == "/callback"));
  require((verdict == RequestVerdict::done) == (host && get && request.path == "/done"));
}

void judge(std::string_view text) {
  event::HttpRequest request;
  request.method = take_line(text);
  request.path = take_line(text);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = std::min(line.find(':'), line.size());
    request.fields.add(std::string(line.substr(0, colon)),
                       std::string(line.substr(std::min(colon + 1, line.size()))));
  }
  static const auto expected = auth::expected_requests({"localhost", 8080, "/callback"});
  check(request, auth::judge_request(request, expected));
}

void read_uri(std::string_view text) {
  const auto uri = auth::read_redirect_uri(text);
  if (!uri) return require(uri.error().kind == base::Kind::usage);
  require(text.substr(0, 7) == "http://");
  require(text.find_first_of("?# \r\n") == std::string_view::npos);
  require(uri->host == "localhost" || uri->host == "127.0.0.1" || uri->host == "[::1]");
  require(uri->port != 0);
  require(!uri->path.empty() && uri->path.front() == '/');
  const auto expected = auth::expected_requests(*uri);
  require(expected.done_path != expected.callback_path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  judge(text);
  read_uri(text);
  return 0;
}
