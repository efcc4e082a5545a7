// bench-floor: the least a bridge on libcurl and libuv can cost. It looks at no message, signs in
// nowhere, retries nothing; what dogpipe takes beyond it is the price of what dogpipe does.
#include <curl/curl.h>

#include <cstdio>
#include <exception>
#include <string_view>
#include <utility>

#include "floor_relay.h"

namespace {

constexpr int kUsageError = 2;

bool read_options(int argc, char** argv, bench::FloorOptions& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--http1.1") {
      options.http1 = true;
      continue;
    }
    std::string* value = name == "--url"       ? &options.url
                         : name == "--ca-cert" ? &options.ca_cert
                         : name == "--ca-path" ? &options.ca_path
                                               : nullptr;
    if (value == nullptr || ++i == argc) return false;
    *value = argv[i];
  }
  return !options.url.empty();
}

}  // namespace

int main(int argc, char** argv) {
  bench::FloorOptions options;
  try {
    if (!read_options(argc, argv, options)) {
      std::fprintf(stderr,
                   "usage: bench-floor --url URL [--ca-cert FILE | --ca-path DIR] [--http1.1]\n");
      return kUsageError;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bench::Relay relay{std::move(options)};
    return relay.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-floor: %s\n", error.what());
    return 1;
  }
}
