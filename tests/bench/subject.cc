#include "subject.h"

#include <string_view>
#include <utility>

namespace bench {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
}

std::string trust_flag(World world, const Trust& trust) {
  switch (world) {
    case World::one_ca:
      return "--ca-cert " + trust.one_ca;
    case World::system:
      return "--ca-path " + trust.directory;
    case World::bundle:
      return "--ca-cert " + trust.bundle;
    case World::http:
      break;
  }
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = text.find(' ');
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

}  // namespace

std::vector<std::string> command_words(const Subject& subject, World world, const Trust& trust,
                                       const std::string& url) {
  auto text = subject.command;
  replace_all(text, "{url}", url);
  replace_all(text, "{http}", world == World::http ? "--allow-http" : "");
  replace_all(text, "{ca}", world == World::one_ca ? trust_flag(world, trust) : "");
  replace_all(text, "{trust}", trust_flag(world, trust));
  return split(text);
}

std::vector<std::string> environment(World world, const Trust& trust, const std::string& home) {
  std::vector<std::string> lines{"http_proxy",
                                 "https_proxy",
                                 "HTTP_PROXY",
                                 "HTTPS_PROXY",
                                 "all_proxy",
                                 "ALL_PROXY",
                                 "no_proxy",
                                 "NO_PROXY",
                                 "DD_API_KEY",
                                 "DD_APP_KEY",
                                 "DD_APPLICATION_KEY",
                                 "CURL_CA_BUNDLE",
                                 "DOGPIPE_TOKEN=x",
                                 "HOME=" + home,
                                 "DOGPIPE_HOME=" + home,
                                 "MCP_REMOTE_CONFIG_DIR=" + home,
                                 "NODE_EXTRA_CA_CERTS=" + trust.one_ca};
  lines.push_back(world == World::system ? "SSL_CERT_DIR=" + trust.directory : "SSL_CERT_DIR");
  lines.push_back(world == World::bundle ? "SSL_CERT_FILE=" + trust.bundle : "SSL_CERT_FILE");
  return lines;
}

}  // namespace bench
