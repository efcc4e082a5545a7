#include "auth/url_policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

Trusted trusting(std::string_view endpoint) {
  Trusted trusted;
  trusted.endpoint = *http::read_url(endpoint);
  trusted.domains = {"datadoghq.com", "datadoghq.eu"};
  return trusted;
}

const char* const kDatadog = "https://mcp.datadoghq.com/v1/mcp";
const char* const kOther = "https://mcp.example.com/mcp";
const char* const kLocal = "http://localhost:8080/mcp";

// The URL, or the refusal.
std::string described(const base::Result<http::Url>& url) {
  if (url) return url->text();
  CHECK(url.error().kind == base::Kind::untrusted);
  const std::string_view before = "the server names a URL that is not used: ";
  return "refused: " + url.error().what.substr(before.size());
}

const std::string kNotHttps = "refused: it is not https";
const std::string kUnreadable = "refused: it cannot be read as one";
const std::string kNotPublic = "refused: its host is not a public one";
const std::string kElsewhere = "refused: the resource's metadata is not where the resource is";
const std::string kUntrustedIssuer =
    "refused: the issuer and the server have nothing to do with each other (--allow-issuer admits "
    "one)";
const std::string kUntrustedEndpoint =
    "refused: it is neither the issuer's nor in a trusted domain (--allow-issuer adds one)";

TEST_CASE("the resource's metadata is on the endpoint's own origin") {
  const auto check = [](const char* url, const char* endpoint) {
    return described(check_resource_metadata_url(url, trusting(endpoint)));
  };
  const std::string good = "https://mcp.datadoghq.com/.well-known/oauth-protected-resource?a=b";
  CHECK(check(good.c_str(), kDatadog) == good);
  CHECK(check("https://mcp.datadoghq.com:443/m", kDatadog) == "https://mcp.datadoghq.com/m");
  CHECK(check("https://mcp.datadoghq.com:8443/m", kDatadog) == kElsewhere);
  CHECK(check("https://app.datadoghq.com/m", kDatadog) == kElsewhere);
  CHECK(check("https://mcp.datadoghq.com.evil/m", kDatadog) == kElsewhere);
  CHECK(check("http://mcp.datadoghq.com/m", kDatadog) == kNotHttps);
  CHECK(check("http://169.254.169.254/m", kDatadog) == kNotHttps);
  CHECK(check("https://169.254.169.254/m", kDatadog) == kNotPublic);
  CHECK(check("https://u:p@mcp.datadoghq.com/m", kDatadog) == kUnreadable);
  CHECK(check("https://mcp.datadoghq.com/m#f", kDatadog) == kUnreadable);
  CHECK(check("/m", kDatadog) == kUnreadable);
  CHECK(check("", kDatadog) == kUnreadable);
  CHECK(check("http://localhost:8080/m", kLocal) == "http://localhost:8080/m");
  CHECK(check("http://localhost:8081/m", kLocal) == kElsewhere);
  CHECK(check("http://127.0.0.1:8080/m", kLocal) == kElsewhere);
  CHECK(check("http://example.com/m", kLocal) == kNotHttps);
}

TEST_CASE("a Datadog endpoint's issuer is Datadog's, or what the user allows") {
  Trusted trusted = trusting(kDatadog);
  const auto check = [&](const char* url) { return described(check_issuer(url, trusted)); };
  CHECK(check("https://mcp.datadoghq.com/v1/mcp") == "https://mcp.datadoghq.com/v1/mcp");
  CHECK(check("https://app.us3.datadoghq.com") == "https://app.us3.datadoghq.com/");
  CHECK(check("https://datadoghq.eu/") == "https://datadoghq.eu/");
  CHECK(check("https://login.example.com/") == kUntrustedIssuer);
  CHECK(check("https://evildatadoghq.com/") == kUntrustedIssuer);
  CHECK(check("https://datadoghq.com.evil/") == kUntrustedIssuer);
  CHECK(check("https://datadoghq.com./") == kUntrustedIssuer);
  CHECK(check("http://mcp.datadoghq.com/v1/mcp") == kNotHttps);
  CHECK(check("http://localhost/") == kNotHttps);
  CHECK(check("https://localhost/") == kNotPublic);
  CHECK(check("https://10.1.2.3/") == kNotPublic);
  CHECK(check("https://mcp.datadoghq.com/?q") == "refused: an issuer has no query");
  CHECK(check("https://mcp.datadoghq.com/?") == "refused: an issuer has no query");
  CHECK(check("https://mcp.datadoghq.com/#") == "refused: an issuer has no query");
  trusted.origins = {"nonsense", "https://login.example.com"};
  CHECK(check("https://login.example.com/t") == "https://login.example.com/t");
  CHECK(check("https://login.example.com:8443/t") == kUntrustedIssuer);
  CHECK(check("https://x.login.example.com/t") == kUntrustedIssuer);
}

TEST_CASE("another endpoint's issuer is any public one") {
  const auto check = [](const char* url, const char* endpoint) {
    return described(check_issuer(url, trusting(endpoint)));
  };
  CHECK(check("https://login.example.net/t", kOther) == "https://login.example.net/t");
  CHECK(check("https://8.8.8.8/", kOther) == "https://8.8.8.8/");
  CHECK(check("http://login.example.net/t", kOther) == kNotHttps);
  CHECK(check("http://localhost/", kOther) == kNotHttps);
  CHECK(check("https://127.0.0.1/", kOther) == kNotPublic);
  CHECK(check("https://[::1]/", kOther) == kNotPublic);
  CHECK(check("http://127.0.0.1:9/t", kLocal) == "http://127.0.0.1:9/t");
  CHECK(check("http://[::1]:9/t", kLocal) == "http://[::1]:9/t");
  CHECK(check("https://login.example.net/t", kLocal) == "https://login.example.net/t");
  CHECK(check("http://login.example.net/t", kLocal) == kNotHttps);
  CHECK(check("http://10.0.0.1/t", kLocal) == kNotHttps);
  // A private endpoint vouches for private addresses, but not for plain http.
  CHECK(check("https://10.0.0.1/t", "https://192.168.1.1/mcp") == "https://10.0.0.1/t");
  CHECK(check("http://192.168.1.1/t", "https://192.168.1.1/mcp") == kNotHttps);
}

TEST_CASE("no server but Datadog's own can send the user to Datadog's sign-in") {
  CHECK(described(check_issuer(kDatadog, trusting(kOther))) == kUntrustedIssuer);
  Trusted trusted = trusting(kOther);
  trusted.origins = {"https://mcp.datadoghq.com"};
  CHECK(described(check_issuer(kDatadog, trusted)) == kDatadog);
}

TEST_CASE("endpoints are the resource's, the issuer's, Datadog's, or what the user allows") {
  struct Row {
    const char* url;
    const char* issuer;
    const char* endpoint;
    bool good;
  };
  const char* const issuer = "https://login.example.net/t";
  for (const Row& row : {
           Row{"https://app.datadoghq.com/token", kDatadog, kDatadog, true},
           Row{"https://mcp.datadoghq.com/token", kDatadog, kDatadog, true},
           Row{"https://app.datadoghq.eu/token", kDatadog, kDatadog, true},
           Row{"https://evil.com/token", kDatadog, kDatadog, false},
           Row{"https://app.datadoghq.com.evil.com/token", kDatadog, kDatadog, false},
           Row{"https://appdatadoghq.com/token", kDatadog, kDatadog, false},
           Row{"http://app.datadoghq.com/token", kDatadog, kDatadog, false},
           // An issuer that would not be used does not vouch for anything.
           Row{"https://login.example.net/token", issuer, kDatadog, false},
           Row{"https://login.example.net/token", issuer, kOther, true},
           Row{"https://login.example.net:8443/token", issuer, kOther, false},
           Row{"https://example.net/token", issuer, kOther, false},
           Row{"https://mcp.example.com/token", issuer, kOther, true},
           Row{"https://app.datadoghq.com/token", issuer, kOther, false},
           Row{"https://mcp.datadoghq.com/token", kDatadog, kOther, false},
           Row{"https://evil.com/token", issuer, kOther, false},
           Row{"https://evil.com/token", "", kOther, false},
           Row{"https://10.0.0.1/token", "https://10.0.0.1", kOther, false},
           Row{"http://127.0.0.1:1/token", "http://localhost:2", kLocal, true},
           Row{"https://localhost:3/token", issuer, kLocal, true},
           Row{"https://login.example.net/token", issuer, kLocal, true},
           Row{"http://login.example.net/token", issuer, kLocal, false},
           Row{"https://evil.com/token", issuer, kLocal, false},
           Row{"http://127.0.0.1:1/token", "http://127.0.0.1:1", kOther, false},
       }) {
    CAPTURE(row.url);
    CAPTURE(row.endpoint);
    const auto url = check_endpoint(row.url, row.issuer, trusting(row.endpoint));
    CHECK(described(url).substr(0, 8) == (row.good ? std::string(row.url, 8) : "refused:"));
  }
  CHECK(described(check_endpoint("https://evil.com/", kDatadog, trusting(kDatadog))) ==
        kUntrustedEndpoint);
}

TEST_CASE("what the user has named counts, a private address too") {
  Trusted trusted = trusting(kDatadog);
  const auto check = [&](const char* url) {
    return described(check_endpoint(url, kDatadog, trusted));
  };
  trusted.origins = {"https://login.example.com:8443/", "https://10.0.0.7"};
  CHECK(check("https://login.example.com:8443/token") == "https://login.example.com:8443/token");
  CHECK(check("https://login.example.com/token") == kUntrustedEndpoint);
  CHECK(check("https://10.0.0.7/token") == "https://10.0.0.7/token");
  CHECK(check("https://10.0.0.8/token") == kNotPublic);
  CHECK(check("http://10.0.0.7/token") == kNotHttps);
  trusted.endpoint = *http::read_url("https://mcp.example.org/mcp");
  trusted.domains = {"", "Example.ORG"};
  CHECK(check("https://login.example.org/token") == "https://login.example.org/token");
  CHECK(check("https://example.org/token") == "https://example.org/token");
  CHECK(check("https://evil.com/token") == kUntrustedEndpoint);
  CHECK(check("https://evil.com./token") == kUntrustedEndpoint);
}

TEST_CASE("a host that decodes to something else is refused") {
  const Trusted trusted = trusting("https://10.0.0.1/mcp");
  for (const char* url : {"https://%c3%a9.com/", "https://%25%36%31.com/"}) {
    CAPTURE(url);
    CHECK(described(check_issuer(url, trusted)) == "refused: it can be read in two ways");
  }
  CHECK(described(check_issuer("https://%61.com/", trusted)) == "https://a.com/");
}

TEST_CASE("an error never holds the URL") {
  const auto url = check_browser_url("https://evil.com/SECRET", kDatadog, trusting(kDatadog));
  REQUIRE_FALSE(url);
  CHECK(url.error().what.find("evil") == std::string::npos);
  CHECK(url.error().what.find("SECRET") == std::string::npos);
}

TEST_CASE("a URL of more than 4 KiB is refused") {
  const auto of_size = [](std::size_t size) {
    const std::string start = "https://mcp.example.com/";
    return check_issuer(start + std::string(size - start.size(), 'x'), trusting(kOther));
  };
  CHECK(of_size(4096));
  CHECK(described(of_size(4097)) == "refused: it is too long");
}

TEST_CASE("a browser's URL holds nothing that means something to a shell") {
  const auto check = [](const std::string& url) {
    return described(check_browser_url(url, kDatadog, trusting(kDatadog)));
  };
  const std::string good = "https://app.datadoghq.com/oauth2/v1/authorize";
  CHECK(check(good) == good);
  // Legal in a URL, and harmless without a shell.
  CHECK(check(good + "?a=b&c=d;e=%0a%20(f)") == good + "?a=b&c=d;e=%0a%20(f)");
  for (const char c : std::string_view("'$[]\"`\\<>^{|} \t\n\r\x01\x7f\x80")) {
    CAPTURE(c);
    CHECK(check(good + c).substr(0, 8) == "refused:");
    CHECK(check(good + "?x=" + c + "y").substr(0, 8) == "refused:");
    CHECK(check(std::string("https://app") + c + ".datadoghq.com/").substr(0, 8) == "refused:");
  }
  CHECK(check(good + "?$(id)") == "refused: it holds characters that mean something to a shell");
  CHECK(check("https://evil.com/authorize") == kUntrustedEndpoint);
  CHECK(check("http://app.datadoghq.com/authorize") == kNotHttps);
  CHECK(check(good + std::string("\0x", 2)) == kUnreadable);
  const auto local = check_browser_url("http://127.0.0.1:9/a", "", trusting(kLocal));
  CHECK(described(local) == "http://127.0.0.1:9/a");
}

// Each start with each payload.
std::vector<std::string> hostile_urls() {
  const std::vector<std::string> starts = {"https://app.datadoghq.com/authorize",
                                           "https://app.datadoghq.com/authorize?x=",
                                           "https://app.datadoghq.com",
                                           "https://",
                                           "http://app.datadoghq.com/",
                                           "HTTPS://app.datadoghq.com/",
                                           "https:",
                                           "https:/app.datadoghq.com/",
                                           "https:///app.datadoghq.com/",
                                           "javascript:",
                                           "file://",
                                           "data:text/html,",
                                           "vbscript:",
                                           "ms-settings:",
                                           "\\\\app.datadoghq.com\\",
                                           "-",
                                           "--",
                                           "",
                                           " ",
                                           "\thttps://app.datadoghq.com/"};
  const std::vector<std::string> payloads = {"",
                                             "$(id)",
                                             "`id`",
                                             ";id",
                                             "&&id",
                                             "|id",
                                             "--x",
                                             " --x",
                                             "%0aid",
                                             "\nid",
                                             "\r\nid",
                                             "%00",
                                             std::string("\0id", 3),
                                             "'\"",
                                             "\\host\\share",
                                             "@evil.com/",
                                             ":p@evil.com/",
                                             ".evil.com/",
                                             "#f",
                                             "/../..//evil.com",
                                             "${IFS}id",
                                             "%24(id)",
                                             "<script>",
                                             "\x1b]52;c;x\x07",
                                             "\xe2\x80\xae",
                                             "%e2%80%ae",
                                             "$env:PATH",
                                             "^&calc",
                                             "%PATH%",
                                             "!x!",
                                             "//evil.com/",
                                             "%2f@evil.com",
                                             "*?[]",
                                             "~",
                                             "alert(1)",
                                             "app.datadoghq.com/",
                                             "[::1]/",
                                             "127.1/",
                                             "app.datadoghq.com:0/",
                                             ",calc.exe"};
  std::vector<std::string> urls;
  for (const std::string& start : starts) {
    for (const std::string& payload : payloads) urls.push_back(start + payload);
  }
  return urls;
}

// As it may stand in a command: one argument, no option, nothing to expand, and Datadog's.
bool is_plain_argument(const std::string& text) {
  const std::string_view start = "https://";
  const std::string_view domain = ".datadoghq.com";
  const std::size_t path = text.find('/', start.size());
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return printable && text.rfind(start, 0) == 0 && path != std::string::npos &&
         text.substr(path - domain.size(), domain.size()) == domain &&
         text.find_first_of("'\"`$<>\\^{}|") == std::string::npos;
}

TEST_CASE("hostile authorization URLs are refused or come out as one https URL") {
  std::size_t accepted = 0;
  const std::vector<std::string> urls = hostile_urls();
  REQUIRE(urls.size() >= 400);
  for (const std::string& text : urls) {
    CAPTURE(text);
    const auto url = check_browser_url(text, kDatadog, trusting(kDatadog));
    if (!url) {
      CHECK(url.error().kind == base::Kind::untrusted);
      continue;
    }
    ++accepted;
    CHECK(is_plain_argument(url->text()));
    const auto again = http::read_url(url->text());
    REQUIRE(again);
    CHECK(again->text() == url->text());
  }
  // Neither everything nor nothing, or the table proves nothing.
  CHECK(accepted > 20);
  CHECK(accepted < urls.size() / 4);
}

TEST_CASE("addresses that are not public, in every spelling") {
  for (const char* host : {
           // 127.0.0.1
           "127.0.0.1",
           "127.1",
           "127.0.1",
           "2130706433",
           "0177.0.0.1",
           "0177.1",
           "0x7f.1",
           "0x7f000001",
           "0X7F.0.0.0x1",
           "017700000001",
           "127.0.0.1.",
           "127.255.255.255",
           "0x7F.1.",
           // 0/8, 10/8, 100.64/10, 169.254/16, 172.16/12, 192.168/16
           "0",
           "0.0.0.0",
           "0x0",
           "0.1.2.3",
           "10.0.0.0",
           "10.255.255.255",
           "012.1",
           "0xa.0.0.1",
           "167772161",
           "100.64.0.0",
           "100.127.255.255",
           "169.254.169.254",
           "2852039166",
           "0xA9FEA9FE",
           "0251.0376.0251.0376",
           "169.254.43518",
           "172.16.0.0",
           "172.31.255.255",
           "192.168.0.1",
           "192.168.257",
           "0300.0250.0.1",
           // for protocols, documentation, benchmarks, 6to4 relays
           "192.0.0.1",
           "192.0.2.1",
           "192.88.99.1",
           "198.18.0.1",
           "198.19.255.255",
           "198.51.100.1",
           "203.0.113.1",
           // multicast, reserved, broadcast
           "224.0.0.1",
           "239.255.255.255",
           "240.0.0.1",
           "255.255.255.255",
           "4294967295",
           "0xffffffff",
           "037777777777",
           // IPv6
           "::",
           "[::]",
           "::1",
           "[::1]",
           "0:0:0:0:0:0:0:1",
           "0000:0000:0000:0000:0000:0000:0000:0001",
           "[::ffff:127.0.0.1]",
           "::ffff:7f00:1",
           "::FFFF:8.8.8.8",
           "::127.0.0.1",
           "::8.8.8.8",
           "64:ff9b::127.0.0.1",
           "64:ff9b::7f00:1",
           "64:ff9b::10.0.0.1",
           "64:ff9b:1::8.8.8.8",
           "100::1",
           "2001::1",
           "2001:1ff::1",
           "2001:db8::1",
           "2002:7f00:1::",
           "2002:a00:1::1",

           "3fff::1",
           "4000::1",
           "fc00::1",
           "fd12:3456::1",
           "fdff::",
           "fe80::1",
           "[fe80::1%eth0]",
           "fe80::1%25eth0",
           "febf::1",
           "fec0::1",
           "ff02::1",
           "[FF0E::1]",
           "1::",
           // names of this machine
           "localhost",
           "LOCALHOST",
           "localhost.",
           "a.localhost",
           "a.b.LocalHost.",
           // what looks like an address but is none
           "",
           ".",
           "1.2.3.4.5",
           "8.8.8.8.0",
           "8.8.8.8.0.0",
           "256.1.1.1",
           "1.2.3.256",
           "1.2.65536",
           "1.16777216",
           "4294967296",
           "08.8.8.8",
           "8.8.8.08",
           "0x",
           "8.8.8.0x",
           "8.8.8.8x",
           "a.1",
           "1..1",
           "a..",
           "[]",
           "[8.8.8.8",
           ":::",
           "1::2::3",
           "2606:4700",
           "2606:4700:1:2:3:4:5:6:7",
           "2606:4700:1:2:3:4:5::6:7",
           "2606:4700:1:2::3:4:5:6",
           "2606:47000::1",
           "g::1",
           "2606:4700::8.8.8.8.8",
           ":1",
           "2606::1:",
           "2606:4700::1.2.3.4:5",
           // what has yet to be decoded
           "%31%32%37.0.0.1",
           "loc%61lhost",
           "\xc3\xa9.com",
           "a b.com",
           "127.0.0.1 ",
       }) {
    CAPTURE(host);
    CHECK(is_private_address(host));
  }
}

TEST_CASE("public addresses and names") {
  for (const char* host : {
           "8.8.8.8",
           "1.1",
           "134744072",
           "0x8080808",
           "010.8.8.8",
           "9.255.255.255",
           "11.0.0.0",
           "100.63.255.255",
           "100.128.0.0",
           "126.255.255.255",
           "128.0.0.0",
           "169.253.255.255",
           "169.255.0.0",
           "172.15.255.255",
           "172.32.0.0",
           "192.0.1.0",
           "192.0.3.0",
           "192.88.98.1",
           "192.88.100.1",
           "192.167.255.255",
           "192.169.0.0",
           "198.17.255.255",
           "198.20.0.0",
           "198.51.99.1",
           "203.0.112.1",
           "203.0.114.1",
           "223.255.255.255",
           "1.0.0.0",
           "2606:4700::1",
           "[2606:4700:4700::1111]",
           "2001:200::1",
           "2001:4860:4860::8888",
           "2002:808:808::1",
           "2000::",
           "3fef::1",
           "64:ff9b::8.8.8.8",
           "64:ff9b::808:808",
           "2606:4700:1:2:3:4:5:6",
           "2606:4700:1:2:3:4:1.2.3.4",
           "2606:4700:1:2:3:4:5::",
           "mcp.datadoghq.com",
           "mcp.datadoghq.com.",
           "localhost.example.com",
           "mylocalhost",
           "127.example.com",
           "a",
           "0x7f.com",
           "10.0.0.1.nip.io",
           "x-y_z.com",
           "fe80.com",
       }) {
    CAPTURE(host);
    CHECK_FALSE(is_private_address(host));
  }
}

TEST_CASE("no spelling of a private address passes through a URL") {
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "2130706433",
                           "0177.0.0.1",
                           "0x7f.1",
                           "0x7f000001",
                           "127.0.0.1.",
                           "%31%32%37.0.0.1",
                           "127.0.0.%31",
                           "localhost",
                           "LOCALHOST",
                           "localhost.",
                           "%6cocalhost",
                           "a.localhost",
                           "[::1]",
                           "[::ffff:127.0.0.1]",
                           "[0:0:0:0:0:ffff:7f00:1]",
                           "[fe80::1%25eth0]",
                           "[64:ff9b::7f00:1]",
                           "169.254.169.254",
                           "0",
                           "0.0.0.0",
                           "[::]",
                           "10.0.0.1",
                           "1.2.3.4.5",
                           "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
                           "127%E3%80%820.0.1",
                           "127.0.0.1%2f",
                           "127.0.0.1%00",
                           "127.0.0.1%20",
                           "%c3%a9.com",
                           "%e2%91%a0.com"}) {
    CAPTURE(host);
    const auto url = check_issuer("https://" + std::string(host) + "/", trusting(kOther));
    CHECK_FALSE(url);
  }
}

}  // namespace
}  // namespace dogpipe::auth
