#include "auth/site_choice.h"

#include "base/text.h"

namespace dogpipe::auth {
namespace {

// The site that a host belongs to: the longest that it is, or lies under.
std::string_view site_of(std::string_view host, const std::vector<std::string>& sites) {
  std::string_view best;
  for (const std::string& site : sites) {
    const bool under = host == site || base::ends_with(host, "." + site);
    if (under && site.size() > best.size()) best = site;
  }
  return best;
}

}  // namespace

bool is_choice_of(std::string_view site, std::string_view domain,
                  const std::vector<std::string>& sites) {
  if (site.empty() || domain.empty()) return true;
  const std::string_view chosen = site_of(base::lower(domain), sites);
  return !chosen.empty() && chosen == site;
}

}  // namespace dogpipe::auth
