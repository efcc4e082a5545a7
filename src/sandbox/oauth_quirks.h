// How the sign-in misbehaves: one field a switch of the command line. Without a switch it is what
// Datadog's does.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dogpipe::sandbox {

using Milliseconds = std::chrono::milliseconds;

// Where authorize, token and the others are: on the app host; with the same paths on the MCP host;
// as Datadog had them until 2026; at the root of the MCP host, where revision 2025-03-26 has
// clients guess.
enum class OAuthPlace : std::uint8_t { app, same_origin, legacy, root };

enum class RefreshError : std::uint8_t { none, status, html, grant, lost, slow };

struct OAuthQuirks {
  int app_port = 0;
  OAuthPlace place = OAuthPlace::app;

  bool no_prm = false;
  std::string prm_resource;                           // empty: the origin
  std::string prm_scopes;                             // empty: no member
  std::string as_metadata = "both";                   // root|path|both|none
  std::string issuer;                                 // empty: the endpoint's URL
  using Field = std::pair<std::string, std::string>;  // name and JSON; no JSON: left out
  std::vector<Field> prm_fields;
  std::vector<Field> as_fields;
  std::string challenge_scope;
  std::string challenge_metadata;
  std::string call_scope;

  std::string client_id = "3f6c1d28-94ab-4c5d-8b7e-6a52d0e17005";
  int refuse_registration = 0;  // a status
  bool forget_clients = false;

  std::string default_scope = "mcp_all";
  bool refuse_mcp_all = false;
  bool auto_consent = false;
  bool deny = false;
  bool require_resource = false;
  std::string site = "datadoghq.com";
  bool wrong_site = false;
  bool iss = false;
  bool wrong_iss = false;

  std::chrono::seconds token_life{3600};
  std::chrono::seconds refresh_life{0};
  bool no_expires_in = false;
  bool rotate = false;
  bool omit_refresh_token = false;
  bool no_refresh_grant = false;
  RefreshError refresh_error = RefreshError::none;
  int refresh_status = 500;
  Milliseconds refresh_delay{0};
  int refresh_errors = 0;  // how many; 0: all
  Milliseconds slow_token{0};
  bool revocation = false;
  bool device = false;
  std::chrono::seconds device_interval{5};
};

}  // namespace dogpipe::sandbox
