#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "cli/environment.h"
#include "cli/fields.h"
#include "cli/site.h"

namespace dogpipe::cli {
namespace {

using base::Error;
using base::Kind;
using base::Result;

// Hosts close the connection beyond 10 MiB, partial line and chunk together.
constexpr std::size_t kLongestToHost = (10u << 20) - (64u << 10);
constexpr std::size_t kLongestFromHost = 16u << 20;

// A setting with one value. Its environment name is that of the flag, DOGPIPE_ in front, unless
// others are usual.
struct Setting {
  const char* flag;
  std::vector<std::string_view> variables;
  const char* help;
  std::string value = {};
  CLI::Option* option = nullptr;

  bool given() const { return option != nullptr && option->count() > 0; }
};

// The settings in the order in which --help lists them.
struct Table {
  Setting url{"--url", {"DOGPIPE_URL"}, "Address of the MCP server, instead of a site's"};
  Setting site{"--site",
               {"DD_SITE", "DATADOG_SITE"},
               "Datadog site: us1 (default), us3, us5, eu1, ap1, ap2, uk1, or its domain"};
  Setting domain{
      "--domain", {"DD_MCP_DOMAIN"}, "Host name of the MCP server, instead of the site's"};
  Setting path{"--endpoint-path",
               {"DOGPIPE_ENDPOINT_PATH"},
               "Path of the MCP server on a site's host (default /v1/mcp; the older one is "
               "/api/unstable/mcp-server/mcp)"};
  Setting toolsets{"--toolsets",
                   {"DD_MCP_TOOLSETS", "DOGPIPE_TOOLSETS"},
                   "Toolsets to offer, separated by commas (default: the server's choice)"};
  Setting omit_tools{
      "--omit-tools", {"DOGPIPE_OMIT_TOOLS"}, "Tools to leave out, separated by commas"};
  Setting token_file{
      "--token-file", {"DOGPIPE_TOKEN_FILE"}, "File with a personal or service access token"};
  Setting token{
      "--token", {"DOGPIPE_TOKEN"}, "The token itself; better in DOGPIPE_TOKEN or a file"};
  Setting api_key{"--api-key", {"DD_API_KEY"}, "Datadog API key; better in DD_API_KEY"};
  Setting application_key{"--application-key,--app-key",
                          {"DD_APPLICATION_KEY", "DD_APP_KEY"},
                          "Datadog application key; better in DD_APPLICATION_KEY"};
  Setting header_file{"--header-file",
                      {"DOGPIPE_HEADER_FILE"},
                      "File with header fields, one 'Name: value' a line"};
  Setting ca_cert{"--ca-cert",
                  {"DOGPIPE_CA_CERT"},
                  "PEM file of certification authorities to trust beside the system's"};
  Setting client_cert{"--client-cert", {"DOGPIPE_CLIENT_CERT"}, "PEM file of a client certificate"};
  Setting client_key{"--client-key", {"DOGPIPE_CLIENT_KEY"}, "PEM file of its key"};
  Setting proxy{
      "--proxy", {"DOGPIPE_PROXY"}, "Proxy URL, instead of HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"};
  Setting no_proxy{"--no-proxy",
                   {"NO_PROXY", "no_proxy", "DOGPIPE_NO_PROXY"},
                   "Hosts and domains to reach directly, separated by commas"};
  Setting connect_timeout{"--connect-timeout",
                          {"DOGPIPE_CONNECT_TIMEOUT"},
                          "Seconds to wait for a connection (default 10)"};
  Setting first_byte{"--first-byte-timeout,--headers-timeout",
                     {"DOGPIPE_FIRST_BYTE_TIMEOUT"},
                     "Seconds to wait for a response to begin (default 300, 0 for ever)"};
  Setting idle{"--idle-timeout,--body-timeout",
               {"DOGPIPE_IDLE_TIMEOUT"},
               "Seconds a response may pause, event streams apart (default 300, 0 for ever)"};
  Setting total{"--timeout",
                {"DOGPIPE_TIMEOUT"},
                "Seconds a response may take, event streams apart (default 1800, 0 for ever)"};
  Setting stream_idle{"--stream-idle-timeout",
                      {"DOGPIPE_STREAM_IDLE_TIMEOUT"},
                      "Seconds an event stream may be silent (default 0, for ever)"};
  Setting max_message{"--max-message",
                      {"DOGPIPE_MAX_MESSAGE"},
                      "Longest message in bytes, K and M allowed (default 10176K to the host, 16M "
                      "from it)"};
  Setting log_level{
      "--log-level", {"DOGPIPE_LOG_LEVEL"}, "trace, debug, info, warn (default), error or off"};
  Setting log_file{
      "--log-file",
      {"DOGPIPE_LOG_FILE"},
      "Log into this file instead of stderr; kept at 10 MiB, five older ones beside it"};
  Setting log_format{"--log-format", {"DOGPIPE_LOG_FORMAT"}, "text (default) or json"};
  // Accepted so that a configuration written for mcp-remote can be used as it is.
  Setting transport{"--transport",
                    {"DOGPIPE_TRANSPORT"},
                    "http, streamable-http, http-first or http-only: all the same here"};

  std::array<Setting*, 26> all() {
    return {&url,
            &site,
            &domain,
            &path,
            &toolsets,
            &omit_tools,
            &token_file,
            &token,
            &api_key,
            &application_key,
            &header_file,
            &ca_cert,
            &client_cert,
            &client_key,
            &proxy,
            &no_proxy,
            &connect_timeout,
            &first_byte,
            &idle,
            &total,
            &stream_idle,
            &max_message,
            &log_level,
            &log_file,
            &log_format,
            &transport};
  }
};

// A setting that is on or off.
struct Switch {
  const char* flag;
  std::string_view variable;
  const char* help;
  bool on = false;
};

struct Switches {
  Switch allow_http{"--allow-http", "DOGPIPE_ALLOW_HTTP", "Allow http:// to this machine itself"};
  Switch http1{"--http1.1", "DOGPIPE_HTTP1_1", "Do not use HTTP/2"};
  Switch debug{"--debug", "DOGPIPE_DEBUG", "The same as --log-level debug"};
  Switch quiet{"--quiet,--silent", "DOGPIPE_QUIET", "The same as --log-level off"};
  // What these ask for in mcp-remote is how things are here.
  Switch enable_proxy{"--enable-proxy", "DOGPIPE_ENABLE_PROXY",
                      "Accepted: proxies are used anyway"};
  Switch no_cookies{"--disable-cookies", "DOGPIPE_DISABLE_COOKIES",
                    "Accepted: there are no cookies"};

  std::array<Switch*, 6> all() {
    return {&allow_http, &http1, &debug, &quiet, &enable_proxy, &no_cookies};
  }
};

Error usage(std::string what) { return {Kind::usage, std::move(what)}; }

std::string long_flag(const char* flags) {
  const std::string_view all = flags;
  return std::string(all.substr(0, all.find(',')));
}

bool is_on(const std::string& value) {
  return value == "1" || value == "true" || value == "yes" || value == "on";
}

Result<std::chrono::milliseconds> read_seconds(const Setting& setting,
                                               std::chrono::seconds fallback) {
  if (setting.value.empty()) return std::chrono::milliseconds(fallback);
  double seconds = 0;
  const char* end = setting.value.data() + setting.value.size();
  const auto [stop, failure] = std::from_chars(setting.value.data(), end, seconds);
  if (failure != std::errc() || stop != end || !(seconds >= 0) || seconds > 1e7) {
    return usage(long_flag(setting.flag) + " wants a number of seconds");
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Result<std::size_t> read_size(const Setting& setting) {
  std::size_t number = 0;
  const char* end = setting.value.data() + setting.value.size();
  const auto [stop, failure] = std::from_chars(setting.value.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  const unsigned shift = unit == "K" ? 10 : unit == "M" ? 20 : 0;
  const bool known = unit.empty() || shift != 0;
  if (failure != std::errc() || !known || number == 0 || number < 1024u >> shift ||
      number > (std::size_t{1} << 40) >> shift) {
    return usage(long_flag(setting.flag) + " wants a number of bytes from 1024 on, such as 20M");
  }
  return number << shift;
}

class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  Result<std::variant<Options, Printout>> read(int argc, const char* const* argv) {
    CLI::App app(
        "A bridge to Datadog's MCP server: a stdio MCP server that carries every message there.",
        "dogpipe");
    declare(app);
    if (auto done = parse(app, argc, argv); !done) return std::move(done).error();
    if (printout_) return std::variant<Options, Printout>(std::move(*printout_));
    fill_in();
    using Step = Result<void> (Reader::*)();
    for (const Step step : {&Reader::read_log, &Reader::read_target, &Reader::read_fields,
                            &Reader::read_secrets, &Reader::read_network, &Reader::read_limits}) {
      if (auto done = (this->*step)(); !done) return std::move(done).error();
    }
    return std::variant<Options, Printout>(std::move(options_));
  }

 private:
  void declare(CLI::App& app) {
    app.set_version_flag("-V,--version", version_text());
    app.add_option("address", positional_,
                   "The same as --url; a port after it is accepted and unused")
        ->expected(0, 2);
    for (Setting* setting : table_.all()) {
      setting->option = app.add_option(setting->flag, setting->value, setting->help);
    }
    app.add_option("-H,--header", headers_,
                   "Header field 'Name: value' for every request; ${VAR} is filled in; repeatable")
        ->expected(1)
        ->take_all();
    for (Switch* one : switches_.all()) app.add_flag(one->flag, one->on, one->help);
    app.footer(
        "Each option can also be set in the environment or in ~/.datadog-mcp/.env as DOGPIPE_ and "
        "its\n"
        "name in capitals: DOGPIPE_LOG_LEVEL=debug. Datadog's own DD_SITE, DD_API_KEY,\n"
        "DD_APPLICATION_KEY, DD_MCP_DOMAIN and DD_MCP_TOOLSETS, and the usual HTTPS_PROXY, "
        "NO_PROXY and\n"
        "SSL_CERT_FILE, are read too.");
  }

  static std::string version_text() {
    return "dogpipe " DOGPIPE_VERSION
           "\nA bridge to Datadog's MCP server. Not affiliated with or endorsed by Datadog, Inc.";
  }

  Result<void> parse(CLI::App& app, int argc, const char* const* argv) {
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      printout_ = Printout{app.help()};
    } catch (const CLI::CallForVersion&) {
      printout_ = Printout{version_text() + "\n"};
    } catch (const CLI::ExtrasError&) {
      return usage(describe_unknown(app));
    } catch (const CLI::ParseError&) {
      // Its text quotes the argument, which may be a secret in the wrong place.
      return usage("the command line cannot be read: see dogpipe --help");
    }
    return {};
  }

  // The name of the option that was not understood, without what may follow.
  static std::string describe_unknown(const CLI::App& app) {
    for (const std::string& one : app.remaining()) {
      if (one.substr(0, 1) != "-") continue;
      const bool is_long = one.substr(0, 2) == "--";
      return "unknown option: " +
             base::printable(is_long ? one.substr(0, one.find('=')) : one.substr(0, 2));
    }
    return "an argument too many: see dogpipe --help";
  }

  void fill_in() {
    for (Setting* setting : table_.all()) {
      if (setting->given()) continue;
      setting->value = environment_.get(setting->variables).value_or("");
    }
    for (Switch* one : switches_.all()) {
      if (!one->on) one->on = is_on(environment_.get({one->variable}).value_or(""));
    }
    if (headers_.empty()) {
      if (const auto one = environment_.get({"DOGPIPE_HEADER"})) headers_.push_back(*one);
    } else {
      headers_from_flags_ = true;
    }
    for (const std::string& one : positional_) {
      const bool port = one.find_first_not_of("0123456789") == std::string::npos;
      if (!port && table_.url.value.empty()) table_.url.value = one;
    }
  }

  Result<void> read_log() {
    base::LogSettings& log = options_.log;
    if (switches_.debug.on) log.level = base::LogLevel::debug;
    if (switches_.quiet.on) log.level = base::LogLevel::off;
    if (!table_.log_level.value.empty()) {
      const auto level = base::read_log_level(table_.log_level.value);
      if (!level) return usage("--log-level is one of trace, debug, info, warn, error, off");
      log.level = *level;
    }
    const std::string& format = table_.log_format.value;
    if (format == "json") {
      log.format = base::LogFormat::json;
    } else if (!format.empty() && format != "text") {
      return usage("--log-format is text or json");
    }
    log.file = table_.log_file.value;
    return {};
  }

  Result<void> read_target() {
    auto url = choose_url();
    if (!url) return std::move(url).error();
    options_.url = std::move(*url);
    if (options_.url.scheme == "http" && !(switches_.allow_http.on && options_.url.is_loopback())) {
      return usage("http:// is allowed only to this machine itself, and with --allow-http");
    }
    options_.network.allow_http = options_.url.scheme == "http";
    options_.trust_hints = is_datadog_host(options_.url.host) || !table_.domain.value.empty() ||
                           options_.url.is_loopback();
    if (!table_.omit_tools.value.empty()) {
      options_.url =
          http::with_parameter(std::move(options_.url), "omit_tools", table_.omit_tools.value);
    }
    const std::string& transport = table_.transport.value;
    if (transport.substr(0, 3) == "sse") {
      return usage("--transport sse is not supported: Datadog's server speaks Streamable HTTP");
    }
    const bool known = transport.empty() || transport == "http" || transport == "streamable-http" ||
                       transport == "http-first" || transport == "http-only";
    if (!known) return usage("--transport is one of http, streamable-http, http-first, http-only");
    return {};
  }

  Result<http::Url> choose_url() {
    if (!table_.url.value.empty()) {
      auto url = http::read_url(table_.url.value);
      if (!url) return std::move(url).error().during("--url");
      return url;
    }
    std::string host = table_.domain.value;
    if (host.empty()) {
      auto site = read_site(table_.site.value.empty() ? kDefaultSite : table_.site.value);
      if (!site) return std::move(site).error().during("--site");
      options_.secrets.site = *site;
      host = mcp_host(*site);
    }
    std::string path = table_.path.value.empty() ? std::string(kEndpointPath) : table_.path.value;
    if (path.front() != '/') path.insert(path.begin(), '/');
    auto url = http::read_url("https://" + host + path);
    if (!url) return std::move(url).error().during("--domain and --endpoint-path");
    return url;
  }

  Result<void> read_fields() {
    const auto expand = [this](std::string_view name) { return environment_.get({name}); };
    for (const std::string& line : headers_) {
      auto field = read_field(line, expand);
      if (!field) return std::move(field).error().during("--header");
      if (headers_from_flags_ && is_secret_field(field->name) &&
          line.find("${") == std::string::npos) {
        warn_of_secret("--header " + field->name, "--header-file or ${VARIABLE}");
      }
      options_.fields.push_back(std::move(*field));
    }
    if (!table_.header_file.value.empty()) {
      auto more = read_field_file(table_.header_file.value, expand);
      if (!more) return std::move(more).error().during("--header-file");
      for (auto& field : *more) options_.fields.push_back(std::move(field));
    }
    if (!table_.toolsets.value.empty()) {
      // As a header: in the URL it would become part of what tokens are issued for.
      if (!http::valid_field("toolsets", table_.toolsets.value))
        return usage("--toolsets holds control characters");
      options_.fields.push_back({"X-Datadog-MCP-Toolsets", table_.toolsets.value});
    }
    return {};
  }

  Result<void> read_secrets() {
    auth::StaticSecrets& secrets = options_.secrets;
    secrets.own_header = std::any_of(options_.fields.begin(), options_.fields.end(),
                                     [](const auto& field) { return is_secret_field(field.name); });
    if (!table_.token_file.value.empty()) {
      auto text = base::read_file(table_.token_file.value, 64 * 1024);
      if (!text) return std::move(text).error().during("--token-file");
      const std::size_t first = text->find_first_not_of(" \t\r\n");
      if (first == std::string::npos) return usage("the --token-file is empty");
      secrets.token =
          base::Secret(text->substr(first, text->find_last_not_of(" \t\r\n") - first + 1));
    } else {
      secrets.token = base::Secret(table_.token.value);
    }
    secrets.api_key = base::Secret(table_.api_key.value);
    secrets.application_key = base::Secret(table_.application_key.value);
    for (const base::Secret* secret :
         {&secrets.token, &secrets.api_key, &secrets.application_key}) {
      if (!http::valid_field("secret", secret->reveal()))
        return usage("a key or token holds control characters");
    }
    for (const Setting* setting : {&table_.token, &table_.api_key, &table_.application_key}) {
      if (setting->given()) {
        warn_of_secret(long_flag(setting->flag), std::string(setting->variables.front()));
      }
    }
    return check_key_pair();
  }

  // People export DD_API_KEY for the Agent: alone and inherited it means nothing here.
  Result<void> check_key_pair() {
    const bool api = !table_.api_key.value.empty();
    const bool application = !table_.application_key.value.empty();
    if (api == application) return {};
    const Setting& lone = api ? table_.api_key : table_.application_key;
    const bool on_purpose = lone.given() || environment_.from_file(lone.variables);
    if (on_purpose) {
      return usage("DD_API_KEY and DD_APPLICATION_KEY are needed together: only one is set");
    }
    options_.remarks.push_back(
        {base::LogLevel::info,
         "only one of DD_API_KEY and DD_APPLICATION_KEY is set: it is ignored"});
    return {};
  }

  Result<void> read_network() {
    http::Network& network = options_.network;
    network.http1_only = switches_.http1.on;
    network.client_certificate = table_.client_cert.value;
    network.client_key = table_.client_key.value;
    network.trust.extra = table_.ca_cert.value;
    network.trust.directory = environment_.get({"SSL_CERT_DIR"}).value_or("");
    network.trust.bundle = environment_.get({"SSL_CERT_FILE", "CURL_CA_BUNDLE"}).value_or("");
    if (network.trust.extra.empty()) {
      network.trust.extra = environment_.get({"NODE_EXTRA_CA_CERTS"}).value_or("");
    }
    network.no_proxy = table_.no_proxy.value;
    if (table_.proxy.value.empty()) {
      http::ProxyVariables variables;
      variables.https_proxy = environment_.get({"HTTPS_PROXY", "https_proxy"}).value_or("");
      variables.http_proxy = environment_.get({"HTTP_PROXY", "http_proxy"}).value_or("");
      variables.all_proxy = environment_.get({"ALL_PROXY", "all_proxy"}).value_or("");
      network.proxy = http::choose_proxy(variables, options_.url);
    } else {
      network.proxy = base::Secret(table_.proxy.value);
    }
    return {};
  }

  Result<void> read_limits() {
    using std::chrono::seconds;
    const struct {
      const Setting& setting;
      seconds fallback;
      std::chrono::milliseconds& place;
    } times[] = {{table_.connect_timeout, seconds(10), options_.network.connect_timeout},
                 {table_.first_byte, seconds(300), options_.patience.first_byte},
                 {table_.idle, seconds(300), options_.patience.idle},
                 {table_.total, seconds(1800), options_.patience.total},
                 {table_.stream_idle, seconds(0), options_.patience.stream_idle}};
    for (const auto& one : times) {
      auto time = read_seconds(one.setting, one.fallback);
      if (!time) return std::move(time).error();
      one.place = *time;
    }
    options_.longest_to_host = kLongestToHost;
    options_.longest_from_host = kLongestFromHost;
    if (table_.max_message.value.empty()) return {};
    auto size = read_size(table_.max_message);
    if (!size) return std::move(size).error();
    options_.longest_to_host = options_.longest_from_host = *size;
    return {};
  }

  void warn_of_secret(const std::string& flag, const std::string& better) {
    options_.remarks.push_back({base::LogLevel::warn, "every user of this machine can see " + flag +
                                                          ": use " + better + " instead"});
  }

  const Environment& environment_;
  Table table_;
  Switches switches_;
  std::vector<std::string> positional_;
  std::vector<std::string> headers_;
  bool headers_from_flags_ = false;
  std::optional<Printout> printout_;
  Options options_;
};

}  // namespace

Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv) {
  auto environment = Environment::read();
  if (!environment) return std::move(environment).error();
  return read_options(argc, argv, *environment);
}

Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv,
                                                     const Environment& environment) {
  return Reader(environment).read(argc, argv);
}

}  // namespace dogpipe::cli
