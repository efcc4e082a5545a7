#include "auth/callback_request.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "auth/callback_page.h"

namespace dogpipe::auth {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("a redirect URI that can be listened on is taken apart") {
  struct Row {
    const char* uri;
    const char* host;
    int port;
    const char* path;
  };
  const Row rows[] = {
      {"http://localhost:8080/callback", "localhost", 8080, "/callback"},
      {"http://127.0.0.1:8080/x", "127.0.0.1", 8080, "/x"},
      {"http://[::1]:8080/x/y", "[::1]", 8080, "/x/y"},
      {"http://LOCALHOST:65535/", "localhost", 65535, "/"},
      {"http://localhost:1", "localhost", 1, "/"},
      {"http://localhost/callback", "localhost", 80, "/callback"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.uri);
    const auto uri = read_redirect_uri(row.uri);
    REQUIRE(uri);
    CHECK(uri->host == row.host);
    CHECK(uri->port == row.port);
    CHECK(uri->path == row.path);
  }
}

TEST_CASE("other redirect URIs are refused with the reason") {
  const std::pair<const char*, const char*> rows[] = {
      {"https://localhost:8080/callback", "it is not http"},
      {"https://example.com/callback", "it is not http"},
      {"http://example.com:8080/callback", "its host is not this machine"},
      {"http://localhost.example.com:8080/", "its host is not this machine"},
      {"http://127.0.0.2:8080/callback", "its host is not this machine"},
      {"http://0.0.0.0:8080/callback", "its host is not this machine"},
      {"http://[::]:8080/callback", "its host is not this machine"},
      {"http://192.168.0.1:8080/callback", "its host is not this machine"},
      {"http://localhost:8080/callback?a=1", "it has a query or a fragment"},
      {"http://localhost:8080/callback?", "it has a query or a fragment"},
      {"http://localhost:8080/callback#", "it has a query or a fragment"},
      {"http://localhost:8080/callback#f", "it is no usable URL"},
      {"http://u@localhost:8080/callback", "it is no usable URL"},
      {"http://localhost:0/callback", "it is no usable URL"},
      {"http://localhost:65536/callback", "it is no usable URL"},
      {"http://localhost:x/callback", "it is no usable URL"},
      {"http://localhost:8080/a b", "it is no usable URL"},
      {"localhost:8080/callback", "it is no usable URL"},
      {"urn:ietf:wg:oauth:2.0:oob", "it is no usable URL"},
      {"", "it is no usable URL"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.first));
    const auto read = read_redirect_uri(row.first);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == base::Kind::usage);
    CHECK(read.error().what ==
          std::string("the redirect URI cannot be listened on: ") + row.second +
              " (it must be like http://localhost:8080/callback, with localhost, 127.0.0.1 or "
              "[::1])");
  }
}

TEST_CASE("what is expected follows from the redirect URI") {
  const auto usual = expected_requests({"localhost", 8080, "/callback"});
  CHECK(usual.hosts == Strings{"localhost:8080", "127.0.0.1:8080"});
  CHECK(usual.callback_path == "/callback");
  CHECK(usual.done_path == "/done");
  const auto odd = expected_requests({"[::1]", 80, "/done"});
  CHECK(odd.hosts == Strings{"[::1]:80", "[::1]", "127.0.0.1:80", "127.0.0.1"});
  CHECK(odd.done_path == "/done/page");
}

TEST_CASE("a request is judged by host, then method, then path") {
  using enum RequestVerdict;
  struct Row {
    const char* method;
    const char* path;
    Strings hosts;
    RequestVerdict verdict;
  };
  const Row rows[] = {
      {"GET", "/callback", {"localhost:8080"}, callback},
      {"GET", "/callback", {"127.0.0.1:8080"}, callback},
      {"GET", "/done", {"localhost:8080"}, done},
      {"GET", "/callback", {}, wrong_host},
      {"GET", "/callback", {""}, wrong_host},
      {"GET", "/callback", {"localhost"}, wrong_host},
      {"GET", "/callback", {"localhost:8081"}, wrong_host},
      {"GET", "/callback", {"localhost:80800"}, wrong_host},
      {"GET", "/callback", {"localhost:08080"}, wrong_host},
      {"GET", "/callback", {"LOCALHOST:8080"}, wrong_host},
      {"GET", "/callback", {"localhost.:8080"}, wrong_host},
      {"GET", "/callback", {"evil.example:8080"}, wrong_host},
      {"GET", "/callback", {"localhost:8080.evil.example"}, wrong_host},
      {"GET", "/callback", {"[::1]:8080"}, wrong_host},
      {"GET", "/callback", {"u@localhost:8080"}, wrong_host},
      {"GET", "/callback", {"localhost:8080, evil.example"}, wrong_host},
      {"GET", "/callback", {"localhost:8080", "localhost:8080"}, wrong_host},
      {"GET", "/callback", {"evil.example", "localhost:8080"}, wrong_host},
      {"POST", "/callback", {"evil.example:8080"}, wrong_host},
      {"HEAD", "/callback", {"localhost:8080"}, wrong_method},
      {"POST", "/callback", {"localhost:8080"}, wrong_method},
      {"OPTIONS", "/callback", {"localhost:8080"}, wrong_method},
      {"get", "/callback", {"localhost:8080"}, wrong_method},
      {"", "/callback", {"localhost:8080"}, wrong_method},
      {"POST", "/elsewhere", {"localhost:8080"}, wrong_method},
      {"GET", "/callback/", {"localhost:8080"}, wrong_path},
      {"GET", "/Callback", {"localhost:8080"}, wrong_path},
      {"GET", "//callback", {"localhost:8080"}, wrong_path},
      {"GET", "/./callback", {"localhost:8080"}, wrong_path},
      {"GET", "/callbac%6b", {"localhost:8080"}, wrong_path},
      {"GET", "callback", {"localhost:8080"}, wrong_path},
      {"GET", "http://localhost:8080/callback", {"localhost:8080"}, wrong_path},
      {"GET", "/done/", {"localhost:8080"}, wrong_path},
      {"GET", "/", {"localhost:8080"}, wrong_path},
      {"GET", "", {"localhost:8080"}, wrong_path},
      {"GET", "*", {"localhost:8080"}, wrong_path},
  };
  const auto expected = expected_requests({"localhost", 8080, "/callback"});
  for (const Row& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.path);
    CAPTURE(row.hosts.size());
    CAPTURE((row.hosts.empty() ? "" : row.hosts.front()));
    event::HttpRequest request{row.method, row.path, "code=1", {}, ""};
    request.fields.add("Accept", "*/*");
    for (const std::string& host : row.hosts) request.fields.add("host", host);
    CHECK(judge_request(request, expected) == row.verdict);
  }
}

TEST_CASE("the page names an organization that is plain, and no other") {
  const auto page = [](std::string organization) {
    return result_reply({ResultPage::Kind::signed_in, std::move(organization)}).body;
  };
  const std::string bare = page("");
  CHECK(bare.find("You are signed in to Datadog. You") != std::string::npos);
  CHECK(page("Acme Corp. (EU_1)").find("Datadog, organization Acme Corp. (EU_1). You") !=
        std::string::npos);
  CHECK(page("O'Neil & Sons").find("organization O&#39;Neil &amp; Sons. ") != std::string::npos);
  CHECK(page(std::string(64, 'a')) != bare);
  for (const char* hostile : {"<script>alert(1)</script>", "a\nb", "a\"b", "a;b", "\xc3\xa9", "a/b",
                              "a\\b", "%3C", "a=b"}) {
    CAPTURE(hostile);
    CHECK(page(hostile) == bare);
  }
  CHECK(page(std::string(65, 'a')) == bare);
  CHECK(page(std::string("a\0b", 3)) == bare);
  for (const auto kind : {ResultPage::Kind::refused, ResultPage::Kind::failed}) {
    CHECK(result_reply({kind, "Acme"}).body == result_reply({kind, ""}).body);
  }
}

}  // namespace
}  // namespace dogpipe::auth
