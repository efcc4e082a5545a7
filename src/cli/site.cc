#include "cli/site.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dogpipe::cli {
namespace {

struct Site {
  std::string_view short_name;
  std::string_view name;
};

constexpr std::array<Site, 7> kSites = {{{"us1", "datadoghq.com"},
                                         {"us3", "us3.datadoghq.com"},
                                         {"us5", "us5.datadoghq.com"},
                                         {"eu1", "datadoghq.eu"},
                                         {"ap1", "ap1.datadoghq.com"},
                                         {"ap2", "ap2.datadoghq.com"},
                                         {"uk1", "uk1.datadoghq.com"}}};

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
}

}  // namespace

base::Result<std::string> read_site(std::string_view name) {
  const std::string lower = base::lower(name);
  std::string_view asked = without_prefix(lower, "https://");
  asked = asked.substr(0, asked.find('/'));
  asked = without_prefix(without_prefix(asked, "app."), "mcp.");
  if (base::ends_with(asked, "ddog-gov.com") || asked == "gov" || asked == "us1-fed") {
    return base::Error{base::Kind::usage,
                       "the government sites have no MCP server: Datadog does not offer it there"};
  }
  for (const Site& site : kSites) {
    if (asked == site.name || asked == site.short_name ||
        (asked == "eu" && site.short_name == "eu1")) {
      return std::string(site.name);
    }
  }
  std::string known;
  for (const Site& site : kSites) {
    if (!known.empty()) known += ", ";
    known += site.name;
  }
  return base::Error{base::Kind::usage, "unknown site: known are " + known};
}

std::vector<std::string> all_sites() {
  std::vector<std::string> names;
  for (const Site& site : kSites) names.emplace_back(site.name);
  return names;
}

std::string mcp_host(std::string_view site) { return "mcp." + std::string(site); }

bool is_datadog_host(std::string_view host) {
  return std::any_of(kSites.begin(), kSites.end(), [&](const Site& site) {
    if (!base::ends_with(host, site.name)) return false;
    const std::string_view before = host.substr(0, host.size() - site.name.size());
    return before.empty() || before.back() == '.';
  });
}

}  // namespace dogpipe::cli
