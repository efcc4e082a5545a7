#include "auth/token_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dogpipe::auth {
namespace {

bool same_key(const Grant& a, const Grant& b) {
  return a.profile == b.profile && a.endpoint == b.endpoint && a.server.issuer == b.server.issuer &&
         a.client.id == b.client.id;
}

bool same_key(const Registration& a, const Registration& b) {
  return a.issuer == b.issuer && a.client.redirect_uri == b.client.redirect_uri;
}

template <class Item>
void replace(std::vector<Item>& items, Item item) {
  const auto at = std::find_if(items.begin(), items.end(),
                               [&](const Item& other) { return same_key(other, item); });
  if (at == items.end()) {
    items.push_back(std::move(item));
  } else {
    *at = std::move(item);
  }
}

}  // namespace

bool is_later(const Grant& one, const Grant& other) {
  return std::tie(one.signed_in_at, one.generation) >
         std::tie(other.signed_in_at, other.generation);
}

const Grant* Stored::find(std::string_view profile, std::string_view endpoint) const {
  const Grant* latest = nullptr;
  for (const Grant& grant : grants) {
    if (grant.profile != profile || grant.endpoint != endpoint) continue;
    if (latest == nullptr || grant.signed_in_at >= latest->signed_in_at) latest = &grant;
  }
  return latest;
}

Grant* Stored::find(std::string_view profile, std::string_view endpoint) {
  return const_cast<Grant*>(std::as_const(*this).find(profile, endpoint));
}

void Stored::put(Grant grant) { replace(grants, std::move(grant)); }

void Stored::put(Registration registration) { replace(registrations, std::move(registration)); }

}  // namespace dogpipe::auth
