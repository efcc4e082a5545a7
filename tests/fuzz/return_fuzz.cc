// The browser's return is granted or refused only with exactly our state and issuer, each once; an
// authorization URL has each of our parameters once, whatever the endpoint brings along.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authorization_request.h"
#include "auth/browser_return.h"
#include "auth/form.h"
#include "words.h"

namespace dogpipe::auth {
namespace {

constexpr std::string_view kState = "kZ3-_x";
constexpr std::string_view kIssuer = "https://as.test/v1";
constexpr std::string_view kWords[] = {"state=",
                                       "kZ3-_x",
                                       "&",
                                       "&state=kZ3-_x",
                                       "code=",
                                       "&code=C",
                                       "iss=",
                                       "&error=denied",
                                       "error=",
                                       "access_denied",
                                       "=",
                                       "https://as.test/v1",
                                       "%20",
                                       "https%3A%2F%2Fas.test%2Fv1",
                                       "&iss=https://as.test/v1",
                                       "st%61te=",
                                       "%",
                                       "+",
                                       "dd_oid=1",
                                       "domain=d",
                                       "site=",
                                       "dd_org_name=o",
                                       "client_id=",
                                       "client%5Fid",
                                       "code_challenge_method=plain",
                                       "redirect_uri=",
                                       "\x80",
                                       "?"};

void require(bool condition) {
  if (!condition) std::abort();
}

// A decoder of another make: one pass, byte by byte.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t used = 1;
    char c = text[0] == '+' ? ' ' : text[0];
    if (c == '%') {
      const std::string digits(text.substr(1, 2));
      if (digits.size() != 2 ||
          digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
        return std::nullopt;
      }
      c = static_cast<char>(std::strtoul(digits.c_str(), nullptr, 16));
      used = 3;
    }
    out += c;
    text.remove_prefix(used);
  }
  return out;
}

// The values that a query gives to a name; broken ones are left out.
std::vector<std::string> values_of(std::string_view query, std::string_view name) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    const std::size_t equals = piece.find('=');
    const auto value =
        decoded(equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1));
    if (decoded(piece.substr(0, equals)) == name && value) out.push_back(*value);
    if (end == std::string_view::npos) return out;
    query.remove_prefix(end + 1);
  }
}

void check_return(std::string_view query, bool iss_wanted) {
  const Return back = read_return(query, {std::string(kState), std::string(kIssuer), iss_wanted});
  const bool granted = back.means == Return::Means::granted;
  require(back.code.empty() == !granted);
  if (back.means == Return::Means::stranger) {
    require(back.organization.empty() && back.organization_name.empty());
    require(back.domain.empty() && back.site.empty());
    return;
  }
  require(values_of(query, "state") == std::vector{std::string(kState)});
  const auto issuers = values_of(query, "iss");
  require(issuers.empty() ? !iss_wanted : issuers == std::vector{std::string(kIssuer)});
  const auto errors = values_of(query, "error");
  if (!granted) return require(errors.size() == 1 && !errors[0].empty());
  require(errors.empty() || errors == std::vector{std::string()});
  require(values_of(query, "code") == std::vector{std::string(back.code.reveal())});
}

void check_state(std::string_view state) {
  const std::string query = "code=C&state=" + form_encoded(state);
  const Return back = read_return(query, {std::string(kState), std::string(kIssuer), false});
  require((back.means == Return::Means::granted) == (state == kState));
}

void check_form(std::string_view text) {
  require(form_decoded(form_encoded(text)) == std::string(text));
  require(form_decoded(text) == decoded(text));
}

void check_url(std::string_view query) {
  const auto endpoint = http::read_url("https://as.test/a?" + std::string(query));
  if (!endpoint) return;
  const auto url = http::read_url(authorization_url(
      *endpoint, {"i d", "http://localhost:1/cb", "a b", "https://h/", "S", "C", "o&o"}));
  require(url && url->origin() == "https://as.test" && url->path == "/a");
  const std::pair<const char*, const char*> ours[] = {{"response_type", "code"},
                                                      {"client_id", "i d"},
                                                      {"redirect_uri", "http://localhost:1/cb"},
                                                      {"scope", "a b"},
                                                      {"state", "S"},
                                                      {"resource", "https://h/"},
                                                      {"code_challenge", "C"},
                                                      {"code_challenge_method", "S256"},
                                                      {"dd_oid", "o&o"}};
  for (const auto& [name, value] : ours) {
    require(values_of(url->query, name) == std::vector{std::string(value)});
  }
}

void check(std::string_view text) {
  check_return(text, false);
  check_return(text, true);
  check_state(text);
  check_form(text);
  check_url(text);
}

}  // namespace
}  // namespace dogpipe::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dogpipe::auth::check(text);
  dogpipe::auth::check(dogpipe::fuzz::with_words(text, dogpipe::auth::kWords));
  return 0;
}
