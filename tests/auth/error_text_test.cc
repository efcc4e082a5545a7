// Nothing that a server wrote may enter a text of ours: people and models read it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "auth/grant.h"
#include "auth/registration.h"

namespace dogpipe::auth {
namespace {

constexpr const char* kCanary = "Canary0";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Replies with the canary in each place where a server can write.
std::vector<std::string> bodies() {
  std::vector<std::string> out = {
      "#",       "\"#\"",     "[\"#\"]",        "<html>#</html>", "{\"#\":1,\"#\":2}",
      "{\"#\":", "{\"#\":#}", "{\"#\":\"\\x\"}"};
  for (const char* name :
       {"access_token", "token_type", "refresh_token", "expires_in", "scope", "error",
        "error_description", "error_uri", "client_id", "client_secret", "client_secret_expires_at",
        "token_endpoint_auth_method", "redirect_uris", "device_code", "user_code",
        "verification_uri", "verification_uri_complete", "interval", "#"}) {
    for (const char* value : {"\"#\"", "\"#\\n\"", "[\"#\"]", "{\"#\":\"#\"}", "#"}) {
      const std::string member = '"' + std::string(name) + "\":" + value;
      out.push_back('{' + member + '}');
      out.push_back('{' + member + ',' + member + '}');
      for (const char* others :
           {R"("access_token":"A",)", R"("access_token":"A","token_type":"Bearer",)",
            R"("client_id":"i",)", R"("device_code":"D",)", R"("device_code":"D","user_code":"U",)",
            R"("device_code":"D","user_code":"U","verification_uri":"v",)",
            R"("error":"invalid_grant",)", R"("error":"invalid_redirect_uri",)"}) {
        out.push_back('{' + std::string(others) + member + '}');
      }
    }
  }
  for (std::string& body : out) body = replaced(body, "#", kCanary);
  return out;
}

std::size_t texts_seen = 0;

void check_text(const std::string& text) {
  ++texts_seen;
  CHECK(text.find(kCanary) == std::string::npos);
  CHECK_FALSE(text.empty());
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

template <class T>
void check_error(const base::Result<T>& result) {
  if (!result) check_text(result.error().what);
}

TEST_CASE("no error and no explanation holds anything that the server wrote") {
  texts_seen = 0;
  for (const std::string& body : bodies()) {
    CAPTURE(body);
    check_error(read_token_reply(body));
    check_error(read_device_reply(body));
    check_error(read_registration(body, "http://localhost/", ClientAuth::basic));
    for (const int status : {200, 302, 400, 401, 403, 404, 429, 500}) {
      check_text(describe_registration_refusal(status, body));
      check_text(std::string(describe(read_token_refusal(status, body))));
    }
  }
  CHECK(texts_seen > 15'000);
}

TEST_CASE(
    "a refusal of the browser's return holds nothing of the server but Datadog's parameters") {
  const Return back = read_return(
      "state=S&error=Canary0&error_description=Canary0&error_uri=Canary0&Canary0=Canary0",
      {"S", "", false});
  CHECK(back.means == Return::Means::refused);
  CHECK(back.refusal == Return::Refusal::other);
  for (const std::string& text : {std::string(back.code.reveal()), back.organization,
                                  back.organization_name, back.domain, back.site}) {
    CHECK(text.empty());
  }
}

}  // namespace
}  // namespace dogpipe::auth
