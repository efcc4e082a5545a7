#include "auth/static_credential.h"

#include "auth/advice.h"

namespace dogpipe::auth {
namespace {

base::Secret bearer(const base::Secret& token) {
  return base::Secret("Bearer " + std::string(token.reveal()));
}

}  // namespace

StaticCredential::StaticCredential(const StaticSecrets& secrets) : site_(secrets.site) {
  if (secrets.own_header) {
    source_ = Source::own_header;
  } else if (!secrets.token.empty()) {
    source_ = Source::token;
    credential_.fields.emplace_back("Authorization", bearer(secrets.token));
  } else if (!secrets.api_key.empty() && !secrets.application_key.empty()) {
    source_ = Source::keys;
    // With hyphens: proxies such as nginx drop header names with underscores.
    credential_.fields.emplace_back("DD-API-KEY", secrets.api_key);
    credential_.fields.emplace_back("DD-APPLICATION-KEY", secrets.application_key);
  }
}

std::string StaticCredential::advice(int status) const {
  if (status == 403) return std::string(kForbiddenAdvice);
  const std::string site =
      site_.empty() ? "" : " Each site has credentials of its own; this is " + site_ + ".";
  switch (source_) {
    case Source::none:
      return "No credential is set: give an access token in DOGPIPE_TOKEN, or DD_API_KEY and "
             "DD_APPLICATION_KEY, in the environment or in ~/.datadog-mcp/.env.";
    case Source::own_header:
      return "The server does not accept the given Authorization header." + site;
    case Source::token:
      return "The server does not accept the access token: it may have expired or been revoked." +
             site;
    case Source::keys:
      return "The server does not accept DD_API_KEY and DD_APPLICATION_KEY: both must be valid and "
             "belong to one organization." +
             site;
  }
  return {};
}

}  // namespace dogpipe::auth
