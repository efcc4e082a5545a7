#include "cli/options.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "cli/environment.h"

namespace dogpipe::cli {
namespace {

using base::LogLevel;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Variables = std::map<std::string, std::string>;

base::Result<std::variant<Options, Printout>> read_all(std::vector<const char*> arguments,
                                                       Variables variables, std::string_view file) {
  arguments.insert(arguments.begin(), "dogpipe");
  const Environment environment(std::move(variables), file);
  return read_options(static_cast<int>(arguments.size()), arguments.data(), environment);
}

Options options(std::vector<const char*> arguments, Variables variables = {},
                std::string_view file = {}) {
  auto read = read_all(std::move(arguments), std::move(variables), file);
  const std::string error = read ? "" : read.error().what;
  CAPTURE(error);
  REQUIRE(read);
  return std::get<Options>(*read);
}

// Why these are refused.
std::string refusal(std::vector<const char*> arguments, Variables variables = {},
                    std::string_view file = {}) {
  auto read = read_all(std::move(arguments), std::move(variables), file);
  if (read) return "accepted";
  CHECK((read.error().kind == base::Kind::usage || read.error().kind == base::Kind::file));
  return read.error().what;
}

bool holds(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

TEST_CASE("without any setting the bridge goes to the first site") {
  const Options made = options({});
  CHECK(made.url.text() == "https://mcp.datadoghq.com/v1/mcp");
  CHECK(made.trust_hints);
  CHECK(made.fields.empty());
  CHECK(made.secrets.token.empty());
  CHECK(made.secrets.site == "datadoghq.com");
  CHECK(made.network.proxy.empty());
  CHECK_FALSE(made.network.allow_http);
  CHECK(made.network.connect_timeout == seconds(10));
  CHECK(made.patience.first_byte == seconds(300));
  CHECK(made.patience.idle == seconds(300));
  CHECK(made.patience.total == seconds(1800));
  CHECK(made.patience.stream_idle == seconds(0));
  CHECK(made.longest_to_host == 10 * 1024 * 1024 - 64 * 1024);
  CHECK(made.longest_from_host == 16 * 1024 * 1024);
  CHECK(made.log.level == LogLevel::warn);
  CHECK(made.remarks.empty());
}

TEST_CASE("flags go before the environment, and that before the file") {
  const auto site = [](std::vector<const char*> flags, Variables variables, const char* file) {
    return options(std::move(flags), std::move(variables), file).url.host;
  };
  CHECK(site({"--site", "us3"}, {{"DD_SITE", "us5"}}, "DD_SITE=ap1") == "mcp.us3.datadoghq.com");
  CHECK(site({}, {{"DD_SITE", "us5"}}, "DD_SITE=ap1") == "mcp.us5.datadoghq.com");
  CHECK(site({}, {}, "DD_SITE=ap1") == "mcp.ap1.datadoghq.com");
  CHECK(site({}, {{"DD_SITE", ""}}, "DD_SITE=ap1") == "mcp.ap1.datadoghq.com");
}

TEST_CASE("the environment goes before the file also under an older name") {
  CHECK(options({}, {{"DATADOG_SITE", "us5"}}, "DD_SITE=ap1").url.host == "mcp.us5.datadoghq.com");
  CHECK(options({}, {{"DATADOG_SITE", "us5"}, {"DD_SITE", "us3"}}).url.host ==
        "mcp.us3.datadoghq.com");
}

TEST_CASE("the address comes from --url, --domain or the site, in that order") {
  CHECK(options({"--url", "https://a.example/x", "--domain", "b.example"}).url.text() ==
        "https://a.example/x");
  CHECK(options({"--domain", "b.example", "--site", "us3"}).url.text() ==
        "https://b.example/v1/mcp");
  CHECK(options({"--domain", "b.example", "--endpoint-path", "p/q"}).url.text() ==
        "https://b.example/p/q");
  CHECK(options({}, {{"DD_MCP_DOMAIN", "b.example"}}).url.host == "b.example");
  CHECK(holds(refusal({"--domain", "b.example/evil path"}), "--domain"));
  CHECK(holds(refusal({"--site", "moon"}), "--site"));
  CHECK(holds(refusal({"--url", "nonsense"}), "--url"));
}

TEST_CASE("only Datadog's hosts, chosen ones and this machine are believed about their tools") {
  CHECK(options({"--url", "https://mcp.datadoghq.eu/v1/mcp"}).trust_hints);
  CHECK_FALSE(options({"--url", "https://mcp.example/"}).trust_hints);
  CHECK_FALSE(options({"--url", "https://evildatadoghq.com/"}).trust_hints);
  CHECK_FALSE(options({"--url", "https://datadoghq.com.evil/"}).trust_hints);
  CHECK(options({"--domain", "mcp.example"}).trust_hints);
}

TEST_CASE("plain http is for this machine, and only on demand") {
  CHECK(refusal({"--url", "http://127.0.0.1:1/"}) != "accepted");
  CHECK(refusal({"--url", "http://mcp.datadoghq.com/", "--allow-http"}) != "accepted");
  const Options made = options({"--url", "http://127.0.0.1:1/", "--allow-http"});
  CHECK(made.network.allow_http);
  CHECK(made.trust_hints);
  CHECK_FALSE(options({"--allow-http"}).network.allow_http);
  CHECK(options({"http://[::1]:2/"}, {{"DOGPIPE_ALLOW_HTTP", "1"}}).url.port == 2);
}

TEST_CASE("a configuration for mcp-remote can be used as it is") {
  const Options made =
      options({"https://mcp.datadoghq.com/x", "3334", "--header", "A:b", "--transport",
               "http-first", "--enable-proxy", "--debug", "--disable-cookies"});
  CHECK(made.url.path == "/x");
  REQUIRE(made.fields.size() == 1);
  CHECK(made.fields[0].name == "A");
  CHECK(made.fields[0].value == "b");
  CHECK(made.log.level == LogLevel::debug);
  CHECK(options({"--silent"}).log.level == LogLevel::off);
  CHECK(options({"--headers-timeout", "7"}).patience.first_byte == seconds(7));
  CHECK(options({"--body-timeout", "8"}).patience.idle == seconds(8));
  for (const char* transport : {"http", "streamable-http", "http-only", "sse-first", "sse-only"}) {
    CHECK(options({"--transport", transport}).url.path == "/v1/mcp");
  }
  CHECK(refusal({"--transport", "pigeon"}) != "accepted");
  CHECK(refusal({"https://a.example/", "1", "2"}) != "accepted");
}

TEST_CASE("an unknown option is named, but nothing that may be its value") {
  const std::string inline_value = refusal({"--tokn=SECRET"});
  CHECK(holds(inline_value, "--tokn"));
  CHECK_FALSE(holds(inline_value, "SECRET"));
  const std::string own_argument = refusal({"--tokn", "SECRET"});
  CHECK(holds(own_argument, "--tokn"));
  CHECK_FALSE(holds(own_argument, "SECRET"));
  CHECK_FALSE(holds(refusal({"-xSECRET"}), "SECRET"));
  CHECK_FALSE(holds(refusal({"SECRET", "SECRET", "SECRET"}), "SECRET"));
  CHECK_FALSE(holds(refusal({"--allow-http=SECRET"}), "SECRET"));
  CHECK(refusal({"--token"}) != "accepted");
}

TEST_CASE("an address that cannot be used is not repeated, since it may be a secret") {
  CHECK_FALSE(holds(refusal({"SECRET"}), "SECRET"));
  CHECK_FALSE(holds(refusal({"--url", "https://u:SECRET@h/"}), "SECRET"));
}

TEST_CASE("help and version are printed, not run") {
  for (const char* flag : {"--help", "-h", "--version", "-V"}) {
    const auto read = read_all({flag}, {}, "");
    REQUIRE(read);
    REQUIRE(std::holds_alternative<Printout>(*read));
    CHECK(holds(std::get<Printout>(*read).text, "Datadog"));
  }
}

TEST_CASE("sizes are bytes, or K or M of them") {
  const auto size = [](const char* text) {
    return options({"--max-message", text}).longest_to_host;
  };
  CHECK(size("1024") == 1024);
  CHECK(size("1K") == 1024);
  CHECK(size("20M") == 20u << 20);
  CHECK(options({"--max-message", "20M"}).longest_from_host == 20u << 20);
  for (const char* wrong : {"1023", "0K", "0M", "20m", "20MB", "1.5M", "x", " 2M", "1G",
                            "99999999999999999999", "18446744073709551615M", "1048577M"}) {
    CAPTURE(std::string(wrong));
    CHECK(holds(refusal({"--max-message", wrong}), "--max-message"));
  }
  CHECK(refusal({"--max-message", "-1"}) != "accepted");
}

TEST_CASE("times are seconds, also broken ones") {
  const auto time = [](const char* text) { return options({"--timeout", text}).patience.total; };
  CHECK(time("0") == milliseconds(0));
  CHECK(time("0.05") == milliseconds(50));
  CHECK(time("90") == seconds(90));
  for (const char* wrong : {"-1", "x", "5s", "nan", "inf", "1e9", "1 ", "10000001"}) {
    CAPTURE(std::string(wrong));
    CHECK(holds(refusal({"--timeout", wrong}), "--timeout"));
  }
  CHECK(options({"--stream-idle-timeout", "2"}).patience.stream_idle == seconds(2));
  CHECK(options({"--connect-timeout", "2"}).network.connect_timeout == seconds(2));
  CHECK(options({}, {{"DOGPIPE_TIMEOUT", "3"}}).patience.total == seconds(3));
}

TEST_CASE("the log is set up by flags, the longer ones first") {
  CHECK(options({"--log-level", "trace"}).log.level == LogLevel::trace);
  CHECK(options({"--debug", "--log-level", "error"}).log.level == LogLevel::error);
  CHECK(options({"--log-format", "json"}).log.format == base::LogFormat::json);
  CHECK(options({"--log-file", "/x/y"}).log.file == "/x/y");
  CHECK(options({}, {{"DOGPIPE_QUIET", "yes"}}).log.level == LogLevel::off);
  CHECK(options({}, {{"DOGPIPE_DEBUG", "0"}}).log.level == LogLevel::warn);
  CHECK(holds(refusal({"--log-level", "loud"}), "--log-level"));
  CHECK(holds(refusal({"--log-format", "xml"}), "--log-format"));
}

TEST_CASE("the proxy is the one given, or the environment's for the URL's scheme") {
  CHECK(
      options({"--proxy", "http://p:1"}, {{"HTTPS_PROXY", "http://e:2"}}).network.proxy.reveal() ==
      "http://p:1");
  CHECK(options({}, {{"https_proxy", "http://e:2"}}).network.proxy.reveal() == "http://e:2");
  CHECK(options({}, {{"HTTP_PROXY", "http://e:2"}}).network.proxy.empty());
  CHECK(options({}, {}, "ALL_PROXY=http://f:3").network.proxy.reveal() == "http://f:3");
  CHECK(options({}, {{"no_proxy", "a,b"}}).network.no_proxy == "a,b");
}

TEST_CASE("authorities come from flags and the usual variables") {
  const Options made = options({"--ca-cert", "/extra"}, {{"SSL_CERT_FILE", "/bundle"},
                                                         {"SSL_CERT_DIR", "/folder"},
                                                         {"NODE_EXTRA_CA_CERTS", "/dev/null"}});
  CHECK(made.network.trust.extra == "/extra");
  CHECK(made.network.trust.bundle == "/bundle");
  CHECK(made.network.trust.directory == "/folder");
  CHECK(options({}, {{"NODE_EXTRA_CA_CERTS", "/dev/null"}}).network.trust.extra == "/dev/null");
  CHECK(options({}, {{"CURL_CA_BUNDLE", "/curl"}}).network.trust.bundle == "/curl");
}

TEST_CASE("toolsets go in a header, tools to leave out in the URL") {
  const Options made = options({"--toolsets", "core,apm", "--omit-tools", "a b,c"});
  REQUIRE(made.fields.size() == 1);
  CHECK(made.fields[0].name == "X-Datadog-MCP-Toolsets");
  CHECK(made.fields[0].value == "core,apm");
  CHECK(made.url.query == "omit_tools=a%20b,c");
  CHECK(options({}, {{"DD_MCP_TOOLSETS", "all"}}).fields[0].value == "all");
  CHECK(refusal({"--toolsets", "a\nb"}) != "accepted");
}

TEST_CASE("one on the command line beats others in the environment that say the same") {
  const Variables all = {{"DOGPIPE_URL", "https://other.example/mcp"},
                         {"DOGPIPE_LOG_LEVEL", "error"},
                         {"NO_PROXY", "a"},
                         {"DOGPIPE_NO_PROXY", "b"}};
  CHECK(options({"--site", "us3"}, all).url.host == "mcp.us3.datadoghq.com");
  CHECK(options({"https://mine.example/mcp"}, all).url.host == "mine.example");
  CHECK(options({"--debug"}, all).log.level == base::LogLevel::debug);
  CHECK(options({}, all).log.level == base::LogLevel::error);
  CHECK(options({}, all).network.no_proxy == "b");
}

TEST_CASE("plain http never goes through a proxy") {
  const auto made = options({"http://127.0.0.1:8080/mcp", "--allow-http", "--proxy", "http://p:1"},
                            {{"HTTP_PROXY", "http://q:1"}, {"ALL_PROXY", "http://q:1"}});
  CHECK(made.network.proxy.empty());
}

TEST_CASE("a proxy's password in the arguments draws a warning without it") {
  const auto made = options({"--proxy", "http://user:SECRET@p:1"}, {});
  REQUIRE(made.remarks.size() == 1);
  CHECK(made.remarks[0].level == base::LogLevel::warn);
  CHECK(made.remarks[0].text.find("SECRET") == std::string::npos);
}

}  // namespace
}  // namespace dogpipe::cli
