// Documents of any bytes are read or refused as malformed; what is read keeps the caps, and is read
// back the same when written.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/discovery.h"
#include "auth/metadata.h"

namespace dogpipe::auth {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_bounded(const std::optional<std::vector<std::string>>& list) {
  if (!list) return;
  require(list->size() <= 256);
  for (const std::string& item : *list) require(item.size() <= 4096);
}

void check_resource(std::string_view body) {
  const auto metadata = read_resource_metadata(body);
  if (!metadata) {
    require(metadata.error().kind == base::Kind::malformed);
    return;
  }
  require(!metadata->resource.empty() && metadata->resource.size() <= 4096);
  require(!metadata->authorization_servers.empty());
  require_bounded(metadata->authorization_servers);
  require_bounded(metadata->scopes);
  for (const std::string& issuer : metadata->authorization_servers) {
    for (const std::string& url : server_metadata_urls(issuer)) require(!!http::read_url(url));
  }
}

void check_server(std::string_view body) {
  const auto metadata = read_server_metadata(body);
  if (!metadata) {
    require(metadata.error().kind == base::Kind::malformed);
    return;
  }
  require(!metadata->issuer.empty() && !metadata->token_endpoint.empty());
  require_bounded(metadata->scopes);
  require_bounded(metadata->grant_types);
  const auto again = read_server_metadata(write_server_metadata(*metadata));
  require(again && *again == *metadata);
}

}  // namespace
}  // namespace dogpipe::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  dogpipe::auth::check_resource(body);
  dogpipe::auth::check_server(body);
  return 0;
}
