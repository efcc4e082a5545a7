#include "auth/static_credential.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::auth {
namespace {

StaticSecrets all() {
  StaticSecrets secrets;
  secrets.own_header = true;
  secrets.token = base::Secret("TOKEN");
  secrets.api_key = base::Secret("API");
  secrets.application_key = base::Secret("APP");
  secrets.site = "us3.datadoghq.com";
  return secrets;
}

// The fields that are added to each request.
std::string fields(const StaticSecrets& secrets) {
  const StaticCredential credential(secrets);
  std::string out;
  for (const auto& [name, value] : credential.credential().fields) {
    out += name + ": " + std::string(value.reveal()) + '\n';
  }
  return out;
}

TEST_CASE("the user's own header goes first, then the token, then both keys") {
  StaticSecrets secrets = all();
  CHECK(fields(secrets).empty());
  secrets.own_header = false;
  CHECK(fields(secrets) == "Authorization: Bearer TOKEN\n");
  secrets.token = base::Secret();
  CHECK(fields(secrets) == "DD-API-KEY: API\nDD-APPLICATION-KEY: APP\n");
  secrets.api_key = base::Secret();
  CHECK(fields(secrets).empty());
}

TEST_CASE("advice fits the credential, names the site and never the secret") {
  StaticSecrets secrets = all();
  const auto advice = [&](int status) { return StaticCredential(secrets).advice(status); };
  const auto holds = [](const std::string& text, const char* piece) {
    return text.find(piece) != std::string::npos;
  };
  CHECK(holds(advice(401), "Authorization"));
  secrets.own_header = false;
  CHECK(holds(advice(401), "token"));
  CHECK(holds(advice(401), "us3.datadoghq.com"));
  secrets.token = base::Secret();
  CHECK(holds(advice(401), "DD_APPLICATION_KEY"));
  for (const int status : {401, 403}) {
    CHECK_FALSE(advice(status).empty());
    for (const char* secret : {"TOKEN", " APP ", "\"API"})
      CHECK_FALSE(holds(advice(status), secret));
  }
  secrets.api_key = base::Secret();
  CHECK(holds(advice(401), "No credential"));
  secrets.site.clear();
  CHECK_FALSE(holds(advice(401), "us3"));
  CHECK(holds(advice(403), "mcp_read"));
}

}  // namespace
}  // namespace dogpipe::auth
