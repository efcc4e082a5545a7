#include "auth/token_reply.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

// All of a reply, or the kind of error.
std::string described(const base::Result<TokenReply>& reply) {
  if (!reply) return reply.error().kind == base::Kind::malformed ? "malformed" : "another error";
  std::string out(reply->access_token.reveal());
  if (reply->lifetime) out += " for " + std::to_string(reply->lifetime->count());
  if (!reply->refresh_token.empty()) out += " then " + std::string(reply->refresh_token.reveal());
  if (reply->scope) out += " scope [" + *reply->scope + ']';
  return out;
}

std::string read(const std::string& body) { return described(read_token_reply(body)); }

struct Row {
  std::string body;
  std::string reply;
};

TEST_CASE("replies of all kinds") {
  const std::vector<Row> rows = {
      {R"({"access_token":"A","token_type":"Bearer","expires_in":3600,"refresh_token":"R",)"
       R"("scope":"a b"})",
       "A for 3600 then R scope [a b]"},
      {R"({"access_token":"A","token_type":"Bearer"})", "A"},
      {R"({"token_type":"bearer","access_token":"A","x":{"y":[1]}})", "A"},
      {R"( {"access_token":"A","token_type":"BEARER"} )", "A"},
      {"\xEF\xBB\xBF{\"access_token\":\"A\",\"token_type\":\"bEaReR\"}", "A"},
      {R"({"access_token":"a.B-c_d~e+f/g==!","token_type":"Bearer"})", "a.B-c_d~e+f/g==!"},
      {R"({"access_token":"\u0041","token_type":"Bearer"})", "A"},
      // No reply at all.
      {"", "malformed"},
      {"null", "malformed"},
      {"7", "malformed"},
      {"[]", "malformed"},
      {"\"A\"", "malformed"},
      {R"([{"access_token":"A","token_type":"Bearer"}])", "malformed"},
      {"<html>captive portal</html>", "malformed"},
      {"access_token=A&token_type=bearer", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer")", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer"}{})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer",})", "malformed"},
      {R"({'access_token':'A','token_type':'Bearer'})", "malformed"},
      {"{\"access_token\":\"A\x80\",\"token_type\":\"Bearer\"}", "malformed"},
      // The access token.
      {"{}", "malformed"},
      {R"({"token_type":"Bearer"})", "malformed"},
      {R"({"error":"invalid_grant"})", "malformed"},
      {R"({"error":"invalid_grant","token_type":"Bearer"})", "malformed"},
      {R"({"Access_Token":"A","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":null,"token_type":"Bearer"})", "malformed"},
      {R"({"access_token":7,"token_type":"Bearer"})", "malformed"},
      {R"({"access_token":true,"token_type":"Bearer"})", "malformed"},
      {R"({"access_token":["A"],"token_type":"Bearer"})", "malformed"},
      {R"({"access_token":{"A":1},"token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A B","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A\r\nX: y","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A\u0000","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A\u007f","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A\t","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"ü","token_type":"Bearer"})", "malformed"},
      {R"({"access_token":"A","access_token":"B","token_type":"Bearer"})", "malformed"},
      // The token type.
      {R"({"access_token":"A"})", "malformed"},
      {R"({"access_token":"A","token_type":""})", "malformed"},
      {R"({"access_token":"A","token_type":null})", "malformed"},
      {R"({"access_token":"A","token_type":"mac"})", "malformed"},
      {R"({"access_token":"A","token_type":"DPoP"})", "malformed"},
      {R"({"access_token":"A","token_type":"N_A"})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer "})", "malformed"},
      {R"({"access_token":"A","token_type":["Bearer"]})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer","token_type":"mac"})", "malformed"},
      // The refresh token.
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":"R /+"})", "A then R /+"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":""})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":null})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":7})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":false})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":"\n"})", "malformed"},
      {R"({"access_token":"A","token_type":"Bearer","refresh_token":"ü"})", "malformed"},
      // The scope.
      {R"({"access_token":"A","token_type":"Bearer","scope":""})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":null})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":["a","b"]})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":7})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":"a\nb"})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":"a\"b"})", "A"},
      {R"({"access_token":"A","token_type":"Bearer","scope":"a\\b"})", "A"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CHECK(read(row.body) == row.reply);
  }
}

TEST_CASE("a lifetime lies between a minute and thirty days, or is not known") {
  const struct {
    std::string expires_in;
    std::string reply;
  } rows[] = {
      {"3600", "A for 3600"},
      {"61", "A for 61"},
      {"60", "A for 60"},
      {"59", "A for 60"},
      {"0", "A for 60"},
      {"-0", "A for 60"},
      {"-1", "A for 60"},
      {"-1e18", "A for 60"},
      {"3599.9", "A for 3599"},
      {"3.6e3", "A for 3600"},
      {"59.9", "A for 60"},
      {"2591999", "A for 2591999"},
      {"2592000", "A for 2592000"},
      {"2592001", "A for 2592000"},
      {"1e18", "A for 2592000"},
      {"9223372036854775808", "A for 2592000"},
      {"1e308", "A for 2592000"},
      {"1e400", "malformed"},
      {"\"3600\"", "A for 3600"},
      {"\"007200\"", "A for 7200"},
      {"\"0\"", "A for 60"},
      {"\"99999999999999999999\"", "A for 2592000"},
      {"\"\"", "A"},
      {"\"-1\"", "A"},
      {"\"3600s\"", "A"},
      {"\" 3600\"", "A"},
      {"\"3600.0\"", "A"},
      {"\"1e3\"", "A"},
      {"\"PT1H\"", "A"},
      {"\"inf\"", "A"},
      {"\"nan\"", "A"},
      {"null", "A"},
      {"true", "A"},
      {"[3600]", "A"},
      {"{}", "A"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.expires_in);
    CHECK(read(std::string(R"({"access_token":"A","token_type":"Bearer","expires_in":)") +
               row.expires_in + '}') == row.reply);
  }
}

TEST_CASE("tokens are taken up to 64 KiB") {
  const std::string most(64 * 1024, 't');
  const auto with = [](const std::string& access, const std::string& refresh) {
    return read(R"({"token_type":"Bearer","access_token":")" + access + R"(","refresh_token":")" +
                refresh + "\"}");
  };
  CHECK(with(most, most) == most + " then " + most);
  CHECK(with(most + 't', "R") == "malformed");
  CHECK(with("A", most + 't') == "malformed");
  CHECK(with("A", std::string(1 << 20, 't')) == "malformed");
}

TEST_CASE("a reply that is nested deeply or very long is refused") {
  const auto with = [](const std::string& rest) {
    return read(R"({"access_token":"A","token_type":"Bearer","x":)" + rest + '}');
  };
  CHECK(with(std::string(15, '[') + std::string(15, ']')) == "A");
  CHECK(with(std::string(16, '[') + std::string(16, ']')) == "malformed");
  CHECK(with(std::string(1'000'000, '[')) == "malformed");
  CHECK(with('"' + std::string(200 * 1024, 'x') + '"') == "A");
  CHECK(with('"' + std::string(256 * 1024, 'x') + '"') == "malformed");
}

TEST_CASE("a long scope is not kept") {
  const auto with = [](std::size_t size) {
    return read(R"({"access_token":"A","token_type":"Bearer","scope":")" + std::string(size, 's') +
                "\"}");
  };
  CHECK(with(16 * 1024) == "A scope [" + std::string(16 * 1024, 's') + ']');
  CHECK(with(16 * 1024 + 1) == "A");
}

TEST_CASE("a refusal goes by the exact code of an OAuth answer") {
  using R = TokenRefusal;
  const struct {
    std::string body;
    R refusal;
  } rows[] = {
      {R"({"error":"invalid_grant"})", R::invalid_grant},
      {R"({"error_description":"x","error":"invalid_client"})", R::invalid_client},
      {R"({"error":"invalid_scope"})", R::invalid_scope},
      {R"({"error":"invalid_target"})", R::invalid_target},
      {R"({"error":"authorization_pending"})", R::authorization_pending},
      {R"({"error":"slow_down"})", R::slow_down},
      {R"({"error":"access_denied"})", R::access_denied},
      {R"({"error":"expired_token"})", R::expired_token},
      {R"({"error":"invalid_request"})", R::other},
      {R"({"error":"unauthorized_client"})", R::other},
      {R"({"error":"unsupported_grant_type"})", R::other},
      {R"({"error":"Invalid_Grant"})", R::other},
      {R"({"error":"invalid_grant "})", R::other},
      {R"({"error":"invalid_grant\u0000"})", R::other},
      {R"({"error":"x","error_description":"invalid_grant"})", R::other},
      {R"({"error":"","error_description":"invalid_grant"})", R::unavailable},
      {R"({"error":null})", R::unavailable},
      {R"({"error":{"code":"invalid_grant"}})", R::unavailable},
      {R"({"error":["invalid_grant"]})", R::unavailable},
      {R"({"Error":"invalid_grant"})", R::unavailable},
      {R"({"errors":["invalid_request - Invalid client_id parameter value."]})", R::unavailable},
      {R"({"error":"invalid_grant","error":"invalid_grant"})", R::unavailable},
      {R"(["invalid_grant"])", R::unavailable},
      {R"("invalid_grant")", R::unavailable},
      {"error=invalid_grant", R::unavailable},
      {"<html>invalid_grant</html>", R::unavailable},
      {"invalid_client", R::unavailable},
      {"{}", R::unavailable},
      {"", R::unavailable},
  };
  for (const auto& row : rows) {
    for (const int status : {400, 401, 403}) {
      CAPTURE(status);
      CAPTURE(row.body);
      const bool wordless = row.refusal == R::unavailable && status != 403;
      CHECK(read_token_refusal(status, row.body) == (wordless ? R::other : row.refusal));
    }
  }
}

TEST_CASE("any other status says nothing about the grant") {
  for (const int status : {0,   100, 200, 204, 301, 302, 307, 402, 404, 405, 408, 409,
                           421, 422, 429, 499, 500, 501, 502, 503, 504, 520, 599, 4000}) {
    CAPTURE(status);
    CHECK(read_token_refusal(status, R"({"error":"invalid_grant"})") == TokenRefusal::unavailable);
  }
}

TEST_CASE("there are words for each refusal, and they differ") {
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(TokenRefusal::unavailable); ++i) {
    seen.insert(describe(static_cast<TokenRefusal>(i)));
  }
  CHECK(seen.size() == 10);
  CHECK(seen.count("") == 0);
  CHECK(describe(TokenRefusal::invalid_grant) == "the sign-in is not valid any more");
  CHECK(describe(TokenRefusal::unavailable) == "the authorization server gave no usable answer");
}

}  // namespace
}  // namespace dogpipe::auth
