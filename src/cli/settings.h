// The settings by name: their flags, their variables, their help. What they mean is the business of
// cli/interpret.h.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace dogpipe::cli {

// A setting with one value. Its name in the environment is that of the flag, DOGPIPE_ in front,
// unless others are usual.
struct Setting {
  const char* flag;  // spellings, separated by commas; the first is its name
  std::vector<std::string_view> variables;
  const char* help;
  std::string value = {};
  bool in_arguments = false;  // the value comes from the command line

  std::string name() const {
    const std::string_view all = flag;
    return std::string(all.substr(0, all.find(',')));
  }
};

// A setting that is on or off.
struct Switch {
  const char* flag;
  std::string_view variable;
  const char* help;
  bool on = false;
};

// All of them, in the order in which --help lists them.
struct Settings {
  Setting url{"--url", {"DOGPIPE_URL"}, "Address of the MCP server, instead of a site's"};
  Setting site{"--site",
               {"DD_SITE", "DATADOG_SITE", "DOGPIPE_SITE"},
               "Datadog site: us1 (default), us3, us5, eu1, ap1, ap2, uk1, or its domain"};
  Setting domain{"--domain",
                 {"DD_MCP_DOMAIN", "DOGPIPE_DOMAIN"},
                 "Host name of the MCP server, instead of the site's"};
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
  Setting api_key{
      "--api-key", {"DD_API_KEY", "DOGPIPE_API_KEY"}, "Datadog API key; better in DD_API_KEY"};
  Setting application_key{"--application-key,--app-key",
                          {"DD_APPLICATION_KEY", "DD_APP_KEY", "DOGPIPE_APPLICATION_KEY"},
                          "Datadog application key; better in DD_APPLICATION_KEY"};
  Setting header_file{"--header-file",
                      {"DOGPIPE_HEADER_FILE"},
                      "File with header fields, one 'Name: value' a line"};
  Setting profile{
      "--profile",
      {"DOGPIPE_PROFILE"},
      "Name of a set of settings and sign-in of its own (default: default); its settings "
      "stand in profiles/NAME.env beside .env"};
  Setting organization{
      "--organization", {"DOGPIPE_ORGANIZATION"}, "UUID of the Datadog organization to sign in to"};
  Setting scope{"--scope", {"DOGPIPE_SCOPE"}, "OAuth scopes to ask for, instead of the server's"};
  Setting client_id{"--client-id",
                    {"DATADOG_CLIENT_ID", "DOGPIPE_CLIENT_ID"},
                    "OAuth client that is registered already"};
  Setting client_secret_file{
      "--client-secret-file", {"DOGPIPE_CLIENT_SECRET_FILE"}, "File with that client's secret"};
  Setting client_secret{"--client-secret",
                        {"DATADOG_CLIENT_SECRET", "DOGPIPE_CLIENT_SECRET"},
                        "The secret itself; better in DATADOG_CLIENT_SECRET or a file"};
  Setting client_assertion_key{
      "--client-assertion-key",
      {"DOGPIPE_CLIENT_ASSERTION_KEY"},
      "PEM file of the key with which that client authenticates (private_key_jwt)"};
  Setting client_metadata_url{"--client-metadata-url",
                              {"DOGPIPE_CLIENT_METADATA_URL"},
                              "URL of a client ID metadata document that names this program"};
  Setting redirect_uri{"--redirect-uri",
                       {"DATADOG_REDIRECT_URI", "DOGPIPE_REDIRECT_URI"},
                       "Where the browser comes back to, such as http://localhost:8080/callback "
                       "(default: a free port)"};
  Setting grant{"--grant",
                {"DOGPIPE_GRANT"},
                "How to sign in: authorization_code (default, a browser), device_code or "
                "client_credentials (a service, no user)"};
  Setting allow_issuer{"--allow-issuer",
                       {"DOGPIPE_ALLOW_ISSUER"},
                       "Further authorization servers to trust: origins, separated by commas"};
  Setting auth_timeout{
      "--auth-timeout", {"DOGPIPE_AUTH_TIMEOUT"}, "Seconds a sign-in may take (default 600)"};
  Setting ca_cert{"--ca-cert",
                  {"DOGPIPE_CA_CERT"},
                  "PEM file of certification authorities to trust beside the system's"};
  Setting client_cert{"--client-cert", {"DOGPIPE_CLIENT_CERT"}, "PEM file of a client certificate"};
  Setting client_key{"--client-key", {"DOGPIPE_CLIENT_KEY"}, "PEM file of its key"};
  Setting proxy{
      "--proxy", {"DOGPIPE_PROXY"}, "Proxy URL, instead of HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"};
  Setting no_proxy{"--no-proxy",
                   {"DOGPIPE_NO_PROXY", "NO_PROXY", "no_proxy"},
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
  Setting protocol_era{"--protocol-era",
                       {"DOGPIPE_PROTOCOL_ERA"},
                       "auto (default): the server decides; legacy: it is opened with initialize; "
                       "modern: it speaks revision 2026-07-28 or later"};
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
                    "http, streamable-http, http-first, http-only, sse-first or sse-only: all the "
                    "same here, what the server speaks is found out"};

  Switch allow_http{"--allow-http", "DOGPIPE_ALLOW_HTTP", "Allow http:// to this machine itself"};
  Switch http1{"--http1.1", "DOGPIPE_HTTP1_1", "Do not use HTTP/2"};
  Switch synthesize_discover{
      "--synthesize-discover", "DOGPIPE_SYNTHESIZE_DISCOVER",
      "Answer server/discover for a server that does not know it, instead of declining"};
  Switch no_browser{"--no-browser", "DOGPIPE_NO_BROWSER",
                    "Never open a browser: only name the address to open"};
  Switch no_oauth{"--no-oauth", "DOGPIPE_NO_OAUTH",
                  "Never begin a sign-in: use what is given or stored"};
  Switch debug{"--debug", "DOGPIPE_DEBUG", "The same as --log-level debug"};
  Switch quiet{"--quiet,--silent", "DOGPIPE_QUIET", "The same as --log-level off"};
  // What these ask for in mcp-remote is how things are here.
  Switch enable_proxy{"--enable-proxy", "DOGPIPE_ENABLE_PROXY",
                      "Accepted: proxies are used anyway"};
  Switch no_cookies{"--disable-cookies", "DOGPIPE_DISABLE_COOKIES",
                    "Accepted: there are no cookies"};

  // These are a worker's, and another process has made sure that they may go to that server.
  bool decided = false;

  std::string address;  // without a flag
  std::string port;
  std::vector<std::string> headers;
  bool headers_in_arguments = false;

  std::array<Setting*, 39> values() {
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
            &profile,
            &organization,
            &scope,
            &client_id,
            &client_secret_file,
            &client_secret,
            &client_assertion_key,
            &client_metadata_url,
            &redirect_uri,
            &grant,
            &allow_issuer,
            &auth_timeout,
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
            &protocol_era,
            &log_level,
            &log_file,
            &log_format,
            &transport};
  }
  std::array<Switch*, 9> switches() {
    return {&allow_http, &http1, &synthesize_discover, &no_browser, &no_oauth,
            &debug,      &quiet, &enable_proxy,        &no_cookies};
  }
};

}  // namespace dogpipe::cli
