#include "http/network.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace dogpipe::http {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }

  std::string file(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

TEST_CASE("the proxy is the one for the scheme, or else the one for all") {
  const Url https = *read_url("https://h/");
  const Url http = *read_url("http://h/");
  const ProxyVariables all{"http://s:1", "http://p:2", "http://a:3"};
  CHECK(choose_proxy(all, https).reveal() == "http://s:1");
  CHECK(choose_proxy(all, http).reveal() == "http://p:2");
  CHECK(choose_proxy({"", "http://p:2", "http://a:3"}, https).reveal() == "http://a:3");
  CHECK(choose_proxy({"", "http://p:2", ""}, https).empty());
  CHECK(choose_proxy({"http://s:1", "", ""}, http).empty());
}

TEST_CASE("a proxy's place is told without its credentials") {
  const auto place = [](const char* url) { return proxy_place(base::Secret(url)); };
  CHECK(place("http://proxy:3128") == "proxy:3128");
  CHECK(place("http://user:secret@proxy:3128/path") == "proxy:3128");
  CHECK(place("user:secret@proxy:3128") == "proxy:3128");
  CHECK(place("http://user:secret@with@proxy:3128") == "proxy:3128");
  CHECK(place("socks5h://u@[::1]:1080") == "[::1]:1080");
  CHECK(place("http://user:with/slash@proxy:3128/x?y") == "proxy:3128");
  CHECK(place("") == "");
}

TEST_CASE("what the user trusts takes the place of the system's") {
  const auto bundle = find_trust({"/some/file.pem", "", ""});
  REQUIRE(bundle);
  CHECK(bundle->bundle == "/some/file.pem");
  CHECK(bundle->directory.empty());
  const auto directory = find_trust({"", "/some/folder", ""});
  REQUIRE(directory);
  CHECK(directory->directory == "/some/folder");
  CHECK(directory->bundle.empty());
}

TEST_CASE("an extra authority is added to a folder, and joined with a bundle") {
  const TemporaryFolder folder;
  const std::string extra = folder.file("extra.pem", "EXTRA");
  const std::string bundle = folder.file("bundle.pem", "BUNDLE");
  const auto beside = find_trust({"", folder.path(), extra});
  REQUIRE(beside);
  CHECK(beside->directory == folder.path());
  CHECK(beside->bundle == extra);
  const auto joined = find_trust({bundle, "", extra});
  REQUIRE(joined);
  CHECK(joined->bundle.empty());
  CHECK(joined->blob == "BUNDLE\nEXTRA\n");
}

TEST_CASE("a file that was asked for and is not there is an error that names it") {
  const TemporaryFolder folder;
  const std::string missing = folder.path() + "/missing.pem";
  for (const Trust& trust : {Trust{"", "", missing}, Trust{"", folder.path(), missing},
                             Trust{missing, "", folder.file("extra.pem", "EXTRA")}}) {
    const auto found = find_trust(trust);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == base::Kind::untrusted);
    CHECK(found.error().what.find(missing) != std::string::npos);
  }
}

TEST_CASE("the system's store is found, in one form or the other") {
  const auto found = find_trust({});
  if (found) {
    CHECK(found->directory.empty() != found->bundle.empty());
    CHECK(found->blob.empty());
  } else {
    CHECK(found.error().kind == base::Kind::untrusted);
  }
}

}  // namespace

TEST_CASE("hosts that no_proxy names are reached directly") {
  const auto exempt = [](const char* no_proxy, const char* url) {
    return is_exempt(no_proxy, *read_url(url));
  };
  CHECK(exempt("*", "https://mcp.example/"));
  CHECK(exempt("a.example, example", "https://mcp.example/"));
  CHECK(exempt(".example", "https://mcp.example/"));
  CHECK(exempt("MCP.example", "https://mcp.example/"));
  CHECK_FALSE(exempt("", "https://mcp.example/"));
  CHECK_FALSE(exempt("ample", "https://mcp.example/"));
  CHECK_FALSE(exempt("x.mcp.example", "https://mcp.example/"));
}

}  // namespace dogpipe::http
