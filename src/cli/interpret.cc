#include "cli/interpret.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "cli/fields.h"
#include "cli/interpret_sign_in.h"
#include "cli/settings_json.h"
#include "cli/site.h"
#include "cli/usage.h"

namespace dogpipe::cli {
namespace {

using base::Result;

// Hosts close the connection beyond 10 MiB, partial line and chunk together.
constexpr std::size_t kLongestToHost = (10u << 20) - (64u << 10);
constexpr std::size_t kLongestFromHost = 16u << 20;

Result<std::size_t> read_size(const Setting& setting) {
  std::size_t number = 0;
  const char* end = setting.value.data() + setting.value.size();
  const auto [stop, failure] = std::from_chars(setting.value.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  const unsigned shift = unit == "K" ? 10 : unit == "M" ? 20 : 0;
  const bool known = unit.empty() || shift != 0;
  if (failure != std::errc() || !known || number == 0 || number < 1024u >> shift ||
      number > (std::size_t{1} << 40) >> shift) {
    return usage(setting.name() + " wants a number of bytes from 1024 on, such as 20M");
  }
  return number << shift;
}

// log -> target -> era -> fields -> secrets -> sign-in -> network -> limits.
class Interpreter {
 public:
  Interpreter(Settings settings, const Environment& environment)
      : settings_(std::move(settings)), environment_(environment) {}

  Result<Options> run() {
    using Step = Result<void> (Interpreter::*)();
    for (const Step step :
         {&Interpreter::read_log, &Interpreter::read_target, &Interpreter::read_era,
          &Interpreter::read_fields, &Interpreter::read_secrets, &Interpreter::read_sign_in,
          &Interpreter::read_network, &Interpreter::read_limits}) {
      if (auto done = (this->*step)(); !done) return std::move(done).error();
    }
    // What is withheld from this server is withheld from workers too.
    options_.worker_settings = write_settings(settings_, environment_, used_);
    return std::move(options_);
  }

 private:
  Result<void> read_log() {
    base::LogSettings& log = options_.log;
    if (settings_.debug.on) log.level = base::LogLevel::debug;
    if (settings_.quiet.on) log.level = base::LogLevel::off;
    if (!settings_.log_level.value.empty()) {
      const auto level = base::read_log_level(settings_.log_level.value);
      if (!level) return usage("--log-level is one of trace, debug, info, warn, error, off");
      log.level = *level;
    }
    const std::string& format = settings_.log_format.value;
    if (format == "json") {
      log.format = base::LogFormat::json;
    } else if (!format.empty() && format != "text") {
      return usage("--log-format is text or json");
    }
    log.file = settings_.log_file.value;
    return {};
  }

  Result<void> read_target() {
    auto url = choose_url();
    if (!url) return std::move(url).error();
    options_.url = std::move(*url);
    if (options_.url.scheme == "http" && !(settings_.allow_http.on && options_.url.is_loopback())) {
      return usage("http:// is allowed only to this machine itself, and with --allow-http");
    }
    options_.network.allow_http = options_.url.scheme == "http";
    const bool own_domain = settings_.url.value.empty() && !settings_.domain.value.empty();
    options_.trust_hints =
        is_datadog_host(options_.url.host) || own_domain || options_.url.is_loopback();
    options_.knows_users = options_.url.path == kEndpointPath || options_.url.path == kOlderPath;
    if (!settings_.omit_tools.value.empty()) {
      options_.url =
          http::with_parameter(std::move(options_.url), "omit_tools", settings_.omit_tools.value);
    }
    const std::string& transport = settings_.transport.value;
    constexpr std::array<std::string_view, 7> kTransports = {
        "", "http", "streamable-http", "http-first", "http-only", "sse-first", "sse-only"};
    if (std::find(kTransports.begin(), kTransports.end(), transport) == kTransports.end()) {
      return usage(
          "--transport is one of http, streamable-http, http-first, http-only, sse-first, "
          "sse-only");
    }
    return {};
  }

  Result<void> read_era() {
    options_.eras.synthesize_discover = settings_.synthesize_discover.on;
    options_.eras.expect_legacy = is_datadog_host(options_.url.host);
    const std::string& era = settings_.protocol_era.value;
    if (era.empty() || era == "auto") return {};
    if (era == "legacy") {
      options_.eras.override_era = bridge::Override::legacy;
    } else if (era == "modern") {
      options_.eras.override_era = bridge::Override::modern;
    } else {
      return usage("--protocol-era is one of auto, legacy, modern");
    }
    return {};
  }

  Result<http::Url> choose_url() {
    if (!settings_.site.value.empty()) {
      auto site = read_site(settings_.site.value);
      if (!site) return std::move(site).error().during("--site");
      options_.secrets.site = *site;
    }
    if (!settings_.url.value.empty()) {
      auto url = http::read_url(settings_.url.value);
      if (!url) return std::move(url).error().during("--url");
      return url;
    }
    std::string host = settings_.domain.value;
    if (host.empty()) {
      if (options_.secrets.site.empty()) options_.secrets.site = kDefaultSite;
      host = mcp_host(options_.secrets.site);
    }
    std::string path =
        settings_.path.value.empty() ? std::string(kEndpointPath) : settings_.path.value;
    if (path.front() != '/') path.insert(path.begin(), '/');
    auto url = http::read_url("https://" + host + path);
    if (!url) return std::move(url).error().during("--domain and --endpoint-path");
    return url;
  }

  Result<void> read_fields() {
    const auto expand = [this](std::string_view name) {
      auto value = environment_.get({name});
      if (value) used_[std::string(name)] = *value;
      return value;
    };
    for (const std::string& line : settings_.headers) {
      auto field = read_field(line, expand);
      if (!field) return std::move(field).error().during("--header");
      if (settings_.headers_in_arguments && is_secret_field(field->name) &&
          line.find("${") == std::string::npos) {
        warn_of_secret("--header " + field->name, "--header-file or ${VARIABLE}");
      }
      options_.fields.push_back(std::move(*field));
    }
    if (!settings_.header_file.value.empty()) {
      auto more = read_field_file(settings_.header_file.value, expand);
      if (!more) return std::move(more).error().during("--header-file");
      for (auto& field : *more) options_.fields.push_back(std::move(field));
    }
    if (!settings_.toolsets.value.empty()) {
      // As a header: in the URL it would become part of what tokens are issued for.
      if (!http::valid_field("toolsets", settings_.toolsets.value))
        return usage("--toolsets holds control characters");
      options_.fields.push_back({"X-Datadog-MCP-Toolsets", settings_.toolsets.value});
    }
    return {};
  }

  Result<void> read_secrets() {
    keep_secrets_home();
    auth::StaticSecrets& secrets = options_.secrets;
    secrets.own_header = std::any_of(options_.fields.begin(), options_.fields.end(),
                                     [](const auto& field) { return is_secret_field(field.name); });
    if (!settings_.token_file.value.empty()) {
      auto text = base::read_file(settings_.token_file.value, 64 * 1024);
      if (!text) return std::move(text).error().during("--token-file");
      secrets.token = base::Secret(std::string(base::trimmed(*text)));
      if (secrets.token.empty()) return usage("the --token-file is empty");
    } else {
      secrets.token = base::Secret(settings_.token.value);
    }
    secrets.api_key = base::Secret(settings_.api_key.value);
    secrets.application_key = base::Secret(settings_.application_key.value);
    for (const base::Secret* secret :
         {&secrets.token, &secrets.api_key, &secrets.application_key}) {
      if (!http::valid_field("secret", secret->reveal()))
        return usage("a key or token holds control characters");
    }
    for (const Setting* setting : {&settings_.token, &settings_.api_key, &settings_.application_key,
                                   &settings_.client_secret}) {
      if (setting->in_arguments) {
        warn_of_secret(setting->name(), std::string(setting->variables.front()));
      }
    }
    return check_key_pair();
  }

  // The settings file holds the user's own credentials; the command line may be that of a project
  // somebody else wrote. Where the one sends requests must not decide who gets the other.
  void keep_secrets_home() {
    if (settings_.decided) return;
    const bool chosen_in_file = !settings_.url.in_arguments && !settings_.domain.in_arguments &&
                                (environment_.from_file(settings_.url.variables) ||
                                 environment_.from_file(settings_.domain.variables));
    if (chosen_in_file || is_datadog_host(options_.url.host) || options_.url.is_loopback()) return;
    bool withheld = false;
    for (Setting* secret : {&settings_.token, &settings_.token_file, &settings_.api_key,
                            &settings_.application_key, &settings_.client_secret,
                            &settings_.client_secret_file, &settings_.client_assertion_key}) {
      if (secret->in_arguments || !environment_.from_file(secret->variables)) continue;
      secret->value.clear();
      withheld = true;
    }
    if (!withheld) return;
    remark(base::LogLevel::warn, "the credentials of the settings file are not sent to " +
                                     options_.url.host +
                                     ": put DOGPIPE_URL into that file too if they should be");
  }

  // People export DD_API_KEY for the Agent: alone and inherited it means nothing here.
  Result<void> check_key_pair() {
    const bool api = !settings_.api_key.value.empty();
    const bool application = !settings_.application_key.value.empty();
    if (api == application) return {};
    const Setting& lone = api ? settings_.api_key : settings_.application_key;
    const bool on_purpose = lone.in_arguments || environment_.from_file(lone.variables);
    if (on_purpose) {
      return usage("DD_API_KEY and DD_APPLICATION_KEY are needed together: only one is set");
    }
    remark(base::LogLevel::info,
           "only one of DD_API_KEY and DD_APPLICATION_KEY is set: it is ignored");
    return {};
  }

  Result<void> read_sign_in() {
    const auth::StaticSecrets& secrets = options_.secrets;
    const bool keys = !secrets.api_key.empty() && !secrets.application_key.empty();
    options_.oauth = !secrets.own_header && secrets.token.empty() && !keys;
    options_.may_sign_in = !settings_.no_oauth.on;
    options_.state_folder = state_folder();
    options_.login_command = login_command(settings_);
    auto request = interpret_sign_in(settings_, options_.url, secrets.site);
    if (!request) return std::move(request).error();
    options_.sign_in = std::move(*request);
    return {};
  }

  Result<void> read_network() {
    http::Network& network = options_.network;
    network.http1_only = settings_.http1.on;
    network.client_certificate = settings_.client_cert.value;
    network.client_key = settings_.client_key.value;
    read_trust(network.trust);
    read_proxy(network);
    return {};
  }

  void read_trust(http::Trust& trust) {
    trust.extra = settings_.ca_cert.value;
    trust.directory = environment_.get({"SSL_CERT_DIR"}).value_or("");
    trust.bundle = environment_.get({"SSL_CERT_FILE", "CURL_CA_BUNDLE"}).value_or("");
    const auto more = environment_.get({"NODE_EXTRA_CA_CERTS"});
    if (!trust.extra.empty() || !more) return;
    if (base::file_exists(*more)) {
      trust.extra = *more;
    } else {
      remark(base::LogLevel::warn, "NODE_EXTRA_CA_CERTS names a file that is not there: ignored");
    }
  }

  // Plain http only goes to this machine itself, and so never to a proxy.
  void read_proxy(http::Network& network) {
    network.no_proxy = settings_.no_proxy.value;
    if (options_.url.scheme == "http" || http::is_exempt(network.no_proxy, options_.url)) return;
    if (settings_.proxy.value.empty()) {
      http::ProxyVariables variables;
      variables.https_proxy = environment_.get({"HTTPS_PROXY", "https_proxy"}).value_or("");
      variables.http_proxy = environment_.get({"HTTP_PROXY", "http_proxy"}).value_or("");
      variables.all_proxy = environment_.get({"ALL_PROXY", "all_proxy"}).value_or("");
      network.proxy = http::choose_proxy(variables, options_.url);
    } else {
      network.proxy = base::Secret(settings_.proxy.value);
      if (settings_.proxy.in_arguments && settings_.proxy.value.find('@') != std::string::npos) {
        warn_of_secret("--proxy", "DOGPIPE_PROXY");
      }
    }
  }

  Result<void> read_limits() {
    using std::chrono::seconds;
    const struct {
      const Setting& setting;
      seconds fallback;
      std::chrono::milliseconds& place;
    } times[] = {{settings_.connect_timeout, seconds(10), options_.network.connect_timeout},
                 {settings_.first_byte, seconds(300), options_.patience.first_byte},
                 {settings_.idle, seconds(300), options_.patience.idle},
                 {settings_.total, seconds(1800), options_.patience.total},
                 {settings_.stream_idle, seconds(0), options_.patience.stream_idle}};
    for (const auto& one : times) {
      auto time = read_seconds(one.setting, one.fallback);
      if (!time) return std::move(time).error();
      one.place = *time;
    }
    options_.longest_to_host = kLongestToHost;
    options_.longest_from_host = kLongestFromHost;
    if (settings_.max_message.value.empty()) return {};
    auto size = read_size(settings_.max_message);
    if (!size) return std::move(size).error();
    options_.longest_to_host = options_.longest_from_host = *size;
    return {};
  }

  void warn_of_secret(const std::string& flag, const std::string& better) {
    remark(base::LogLevel::warn,
           "every user of this machine can see " + flag + ": use " + better + " instead");
  }
  void remark(base::LogLevel level, std::string text) {
    options_.remarks.push_back({level, std::move(text)});
  }

  Settings settings_;
  const Environment& environment_;
  std::map<std::string, std::string> used_;  // variables that header fields name
  Options options_;
};

}  // namespace

Result<Options> interpret(Settings settings, const Environment& environment) {
  return Interpreter(std::move(settings), environment).run();
}

}  // namespace dogpipe::cli
