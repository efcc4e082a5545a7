#include "auth/client_assertion.h"

#include <string>
#include <utility>

#include "crypto/base64.h"
#include "crypto/sign.h"
#include "json/writer.h"

namespace dogpipe::auth {
namespace {

constexpr std::chrono::minutes kLifetime{5};
constexpr std::size_t kIdBytes = 16;

std::string write_header(std::string_view algorithm) {
  json::Writer out;
  out.begin_object().member("alg", algorithm).member("typ", "JWT");
  return out.end_object().take();
}

std::string write_claims(std::string_view client_id, std::string_view audience,
                         std::chrono::seconds now, std::string_view id) {
  json::Writer out;
  out.begin_object().member("iss", client_id).member("sub", client_id).member("aud", audience);
  out.member("iat", now.count()).member("exp", (now + kLifetime).count()).member("jti", id);
  return out.end_object().take();
}

}  // namespace

base::Result<base::Secret> client_assertion(const base::Secret& pem_key, std::string_view client_id,
                                            std::string_view audience, std::chrono::seconds now,
                                            crypto::Random& random) {
  auto key = crypto::SigningKey::read(pem_key);
  if (!key) return std::move(key).error();
  auto id = crypto::random_hex(random, kIdBytes);
  if (!id) return std::move(id).error();
  std::string token = crypto::base64url(write_header(key->algorithm())) + '.' +
                      crypto::base64url(write_claims(client_id, audience, now, *id));
  auto signature = key->sign(token);
  if (!signature) return std::move(signature).error();
  token += '.' + crypto::base64url(*signature);
  return base::Secret(std::move(token));
}

}  // namespace dogpipe::auth
