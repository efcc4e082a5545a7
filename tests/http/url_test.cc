#include "http/url.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace dogpipe::http {
namespace {

// The parts of a URL, or the kind of error.
std::string described(std::string_view text) {
  const auto url = read_url(text);
  if (!url) return url.error().kind == base::Kind::usage ? "refused" : "another error";
  return url->scheme + ' ' + url->host + ' ' + std::to_string(url->port) + ' ' + url->path + ' ' +
         url->query;
}

TEST_CASE("the parts of a URL") {
  CHECK(described("https://mcp.datadoghq.com/v1/mcp") == "https mcp.datadoghq.com 443 /v1/mcp ");
  CHECK(described("https://h") == "https h 443 / ");
  CHECK(described("https://h?a=b") == "https h 443 / a=b");
  CHECK(described("https://Ho.ST:8443/P?Q=%20&r") == "https ho.st 8443 /P Q=%20&r");
  CHECK(described("http://127.0.0.1:80/") == "http 127.0.0.1 80 / ");
  CHECK(described("http://[::1]:8080/x") == "http [::1] 8080 /x ");
}

TEST_CASE("what is no absolute http URL, or says more than an address, is refused") {
  for (const char* text : {"",
                           "mcp.datadoghq.com",
                           "/v1/mcp",
                           "//h/p",
                           "ftp://h/",
                           "file:///etc/passwd",
                           "javascript:alert(1)",
                           "https:/h",
                           "https://",
                           "https://user@h/",
                           "https://user:pass@h/",
                           "https://:pass@h/",
                           "https://h/#f",
                           "https://h:0/",
                           "https://h:65536/",
                           "https://h:x/",
                           "https://h/a b",
                           "https://h/\"",
                           "https://h/<",
                           "https://h/>",
                           "https://h/\\",
                           "https://h/`",
                           "https://h/{",
                           "https://h/|",
                           "https://h/\n",
                           "https://h/\r\nX: y",
                           "https://h/\x7f",
                           "https://h/\xc3\xa9",
                           " https://h/",
                           "https://[::1/"}) {
    CAPTURE(std::string(text));
    CHECK(described(text) == "refused");
  }
  CHECK(described(std::string_view("https://h/\0x", 12)) == "refused");
}

TEST_CASE("an error never holds the URL, which may hold a secret") {
  const auto url = read_url("https://user:secret@h/secret?secret#secret");
  REQUIRE_FALSE(url);
  CHECK(url.error().what.find("secret") == std::string::npos);
}

TEST_CASE("a URL is written as it was read") {
  for (const char* text : {"https://h/", "https://h:8443/p?q=1", "http://[::1]:8080/x",
                           "http://127.0.0.1/", "https://h/a%2Fb/../c"}) {
    const auto url = read_url(text);
    REQUIRE(url);
    CHECK(read_url(url->text())->text() == url->text());
  }
  CHECK(read_url("https://H:443")->text() == "https://h/");
  CHECK(read_url("https://h:444/p?q")->origin() == "https://h:444");
  CHECK(read_url("http://h:80/p")->origin() == "http://h");
  CHECK(read_url("https://h/p?q")->place() == "h:443");
}

TEST_CASE("only this machine is loopback") {
  for (const char* text : {"http://localhost/", "http://127.0.0.1:1/", "http://127.9.8.7/",
                           "http://127.1/", "http://[::1]/", "http://LOCALHOST/"}) {
    CAPTURE(std::string(text));
    CHECK(read_url(text)->is_loopback());
  }
  for (const char* text :
       {"http://127.0.0.1.example/", "http://localhost.example/", "http://example/",
        "http://128.0.0.1/", "http://[::2]/", "http://[::ffff:10.0.0.1]/", "http://notlocalhost/",
        "http://10.0.0.1/", "http://127.0.0./", "http://127./", "http://127.0.0.1.2/",
        "http://127.0.0.256/", "http://127..0.1/"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(read_url(text)->is_loopback());
  }
}

TEST_CASE("a reference means what it means at its base") {
  const std::string base = "https://h:8443/a/b?q#f";
  const std::pair<const char*, const char*> rows[] = {
      {"c", "https://h:8443/a/c"},
      {"./c", "https://h:8443/a/c"},
      {"../c", "https://h:8443/c"},
      {"../../../c", "https://h:8443/c"},
      {"/c?d=e", "https://h:8443/c?d=e"},
      {"//other/c", "https://other/c"},
      {"//other:1/c", "https://other:1/c"},
      {"http://other/c", "http://other/c"},
      {"https://other/c?d#e", "https://other/c?d#e"},
      {"https://user@other/", "https://user@other/"},
  };
  for (const auto& row : rows) {
    const auto reference = row.first;  // clang 14 captures no structured binding
    const auto whole = row.second;
    CAPTURE(std::string(reference));
    CHECK(resolve(base, reference) == whole);
  }
}

TEST_CASE("what a reference comes to is checked like any other URL") {
  for (const char* reference :
       {"", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "mailto:a@b",
        "https://", "https://user@h/", "https://h:99999/", "/a b", "/a\r\nX: y", "\\\\h\\x"}) {
    CAPTURE(std::string(reference));
    const std::string whole = resolve("https://h/a", reference);
    const auto url = read_url(whole);
    CHECK((!url || url->origin() == "https://h"));
  }
  CHECK(resolve("", "/a").empty());
  CHECK(resolve("nonsense://", "/a").empty());
}

TEST_CASE("a parameter is percent-encoded and added") {
  const Url url = *read_url("https://h/p");
  CHECK(with_parameter(url, "a", "x y&z=\xc3\xa9,-._~#").text() ==
        "https://h/p?a=x%20y%26z%3D%C3%A9,-._~%23");
  CHECK(with_parameter(with_parameter(url, "a", "1"), "b", "2").query == "a=1&b=2");
}

}  // namespace
}  // namespace dogpipe::http
