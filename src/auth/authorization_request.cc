#include "auth/authorization_request.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/form.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace dogpipe::auth {
namespace {

using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

// 256 bits in 43 characters.
base::Result<base::Secret> random_word(crypto::Random& random) {
  std::array<unsigned char, 32> bytes{};
  if (auto filled = random.fill(bytes); !filled) return std::move(filled).error();
  base::Secret word(crypto::base64url(bytes));
  volatile unsigned char* byte = bytes.data();  // volatile: the writes are the point
  for (std::size_t i = 0; i < bytes.size(); ++i) byte[i] = 0;
  return word;
}

Parameters parameters_of(const AuthorizationRequest& request) {
  Parameters out{{"response_type", "code"},
                 {"client_id", request.client_id},
                 {"redirect_uri", request.redirect_uri}};
  if (!request.scope.empty()) out.emplace_back("scope", request.scope);
  out.emplace_back("state", request.state);
  if (!request.resource.empty()) out.emplace_back("resource", request.resource);
  out.emplace_back("code_challenge", request.challenge);
  out.emplace_back("code_challenge_method", "S256");
  if (!request.organization.empty()) out.emplace_back("dd_oid", request.organization);
  return out;
}

bool is_one_of(std::string_view piece, const Parameters& ours) {
  const std::string_view raw = piece.substr(0, piece.find('='));
  const std::string name = form_decoded(raw).value_or(std::string(raw));
  return std::any_of(ours.begin(), ours.end(), [&](const auto& own) { return own.first == name; });
}

// The pieces of a query that are none of `ours`, as they are.
std::string without(std::string_view query, const Parameters& ours) {
  std::string out;
  while (!query.empty()) {
    const std::string_view piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (piece.empty() || is_one_of(piece, ours)) continue;
    if (!out.empty()) out += '&';
    out += piece;
  }
  return out;
}

}  // namespace

base::Result<Pkce> make_pkce(crypto::Random& random) {
  auto verifier = random_word(random);
  if (!verifier) return std::move(verifier).error();
  std::string challenge = crypto::base64url(crypto::sha256(verifier->reveal()));
  return Pkce{*std::move(verifier), std::move(challenge)};
}

base::Result<std::string> make_state(crypto::Random& random) {
  const auto state = random_word(random);
  if (!state) return base::Error(state.error());
  return std::string(state->reveal());
}

bool does_s256(const ServerMetadata& server) {
  if (!server.challenge_methods) return false;
  const auto& methods = *server.challenge_methods;
  return std::find(methods.begin(), methods.end(), "S256") != methods.end();
}

std::string authorization_url(const http::Url& endpoint, const AuthorizationRequest& request) {
  const Parameters parameters = parameters_of(request);
  http::Url url = endpoint;
  url.query = without(endpoint.query, parameters);
  for (const auto& [name, value] : parameters) {
    url = http::with_parameter(std::move(url), name, value);
  }
  return url.text();
}

}  // namespace dogpipe::auth
