// Datadog's sites and the addresses of their MCP servers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dogpipe::cli {

inline constexpr std::string_view kDefaultSite = "datadoghq.com";
inline constexpr std::string_view kEndpointPath = "/v1/mcp";
inline constexpr std::string_view kOlderPath = "/api/unstable/mcp-server/mcp";

// The site's own name, "us3.datadoghq.com", for what users write: that, "us3", "US3", or the
// address of its web page. Errors: Kind::usage, also for the government sites, which have no MCP
// server.
base::Result<std::string> read_site(std::string_view name);

std::string mcp_host(std::string_view site);

// The sites' own names.
std::vector<std::string> all_sites();

// Whether the host belongs to one of the sites.
bool is_datadog_host(std::string_view host);

}  // namespace dogpipe::cli
