#include "auth/browser_return.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/form.h"
#include "auth/reply.h"
#include "crypto/digest.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kLongestQuery = 8 * 1024;
constexpr std::size_t kLongestCode = 4 * 1024;

struct Parameters {
  std::optional<std::string> state, iss, code, error;
  std::optional<std::string> organization, organization_name, domain, site;

  std::optional<std::string>* find(std::string_view name) {
    if (name == "state") return &state;
    if (name == "iss") return &iss;
    if (name == "code") return &code;
    if (name == "error") return &error;
    if (name == "dd_oid") return &organization;
    if (name == "dd_org_name") return &organization_name;
    if (name == "domain") return &domain;
    if (name == "site") return &site;
    return nullptr;
  }
};

bool add_to(Parameters& parameters, std::string_view piece) {
  const std::size_t equals = std::min(piece.find('='), piece.size());
  const auto name = form_decoded(piece.substr(0, equals));
  auto value = form_decoded(piece.substr(std::min(equals + 1, piece.size())));
  if (!name || !value) return false;
  std::optional<std::string>* const place = parameters.find(*name);
  if (place == nullptr) return true;
  if (*place) return false;
  *place = std::move(value);
  return true;
}

std::optional<Parameters> read_parameters(std::string_view query) {
  if (query.size() > kLongestQuery) return std::nullopt;
  Parameters parameters;
  while (!query.empty()) {
    const std::string_view piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (!add_to(parameters, piece)) return std::nullopt;
  }
  return parameters;
}

// Whether it answers the request that we have made, and comes from whom we have asked.
bool is_answer(const Parameters& parameters, const Expected& expected) {
  if (expected.state.empty() || !parameters.state) return false;
  if (!crypto::equal_in_constant_time(*parameters.state, expected.state)) return false;
  return parameters.iss ? *parameters.iss == expected.issuer : !expected.iss_wanted;
}

Return::Refusal read_refusal(std::string_view error) {
  if (error == "access_denied") return Return::Refusal::access_denied;
  if (error == "invalid_scope") return Return::Refusal::invalid_scope;
  if (error == "server_error" || error == "temporarily_unavailable") {
    return Return::Refusal::server;
  }
  return Return::Refusal::other;
}

}  // namespace

Return read_return(std::string_view query, const Expected& expected) {
  auto parameters = read_parameters(query);
  if (!parameters || !is_answer(*parameters, expected)) return {};
  base::Secret code(std::move(parameters->code).value_or(std::string()));
  const bool refused = parameters->error && !parameters->error->empty();
  if (!refused && !is_printable(code.reveal(), kLongestCode)) return {};
  Return out;
  out.means = refused ? Return::Means::refused : Return::Means::granted;
  if (refused) {
    out.refusal = read_refusal(*parameters->error);
  } else {
    out.code = std::move(code);
  }
  out.organization = std::move(parameters->organization).value_or(std::string());
  out.organization_name = std::move(parameters->organization_name).value_or(std::string());
  out.domain = std::move(parameters->domain).value_or(std::string());
  out.site = std::move(parameters->site).value_or(std::string());
  return out;
}

}  // namespace dogpipe::auth
