#include "sandbox/oauth_tokens.h"

#include <doctest/doctest.h>

#include "crypto/base64.h"
#include "crypto/digest.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr const char* kVerifier = "a-verifier-of-some-length-that-nobody-could-guess";
const base::Time kStart = base::Time(1000s);

class Counting final : public crypto::Random {
 public:
  base::Result<void> fill(std::span<unsigned char> bytes) override {
    for (unsigned char& byte : bytes) byte = next_;
    ++next_;
    return {};
  }

 private:
  unsigned char next_ = 1;
};

struct Server {
  explicit Server(const TokenTable::Rules& rules = {}) : table(random, rules) {}

  std::string code(std::string scope = "mcp_all") {
    const Grant grant{"client", &kOrganizations[1], std::move(scope), "http://resource"};
    return *table.make_code(
        {grant, "http://localhost:1/c", crypto::base64url(crypto::sha256(kVerifier))}, kStart);
  }
  TokenTable::Redeemed redeem(const std::string& made, base::Time now = kStart) {
    return table.redeem_code({made, "client", "http://localhost:1/c", kVerifier}, now);
  }
  Tokens sign_in(std::string scope = "mcp_all") {
    return std::get<Tokens>(redeem(code(std::move(scope))));
  }
  TokenTable::Redeemed refresh(const std::string& token, base::Time now = kStart) {
    return table.redeem_refresh({token, "client", std::nullopt}, now);
  }
  bool accepts(const Tokens& tokens, base::Time now = kStart) const {
    return table.find(tokens.access, now) != nullptr;
  }

  Counting random;
  TokenTable table;
};

std::string error_of(const TokenTable::Redeemed& redeemed) {
  const auto* denial = std::get_if<Denial>(&redeemed);
  return denial == nullptr ? "" : denial->error;
}

TEST_CASE("a code gives tokens that stand for what was agreed to") {
  Server server;
  const Tokens tokens = server.sign_in("mcp_read");
  CHECK(tokens.lifetime == 3600s);
  CHECK(tokens.scope == "mcp_read");
  const TokenTable::Access* access = server.table.find(tokens.access, kStart);
  REQUIRE(access != nullptr);
  CHECK(access->grant->organization == &kOrganizations[1]);
  CHECK(access->grant->resource == "http://resource");
  CHECK(access->scope == "mcp_read");
  CHECK(server.table.find("", kStart) == nullptr);
  CHECK(server.table.find(tokens.refresh, kStart) == nullptr);
  CHECK(*server.table.resource_of(tokens.refresh) == "http://resource");
}

TEST_CASE("a code is bound to client, redirect URI, verifier and a minute") {
  Server server;
  const std::string code = server.code();
  const TokenTable::CodeUse right{code, "client", "http://localhost:1/c", kVerifier};
  const auto with = [&](auto change) {
    TokenTable::CodeUse use = right;
    change(use);
    return error_of(server.table.redeem_code(use, kStart));
  };
  CHECK(with([](auto& use) { use.code = "other"; }) == "invalid_grant");
  CHECK(with([](auto& use) { use.client_id = "other"; }) == "invalid_grant");
  CHECK(with([](auto& use) { use.redirect_uri = "http://localhost:2/c"; }) == "invalid_grant");
  CHECK(with([](auto& use) { use.verifier = "other"; }) == "invalid_grant");
  CHECK(with([](auto& use) { use.verifier = std::nullopt; }) == "invalid_request");
  CHECK(with([](auto& use) { use.verifier = ""; }) == "invalid_request");
  CHECK(error_of(server.table.redeem_code(right, kStart + 60s)) == "invalid_grant");
  CHECK(error_of(server.table.redeem_code(right, kStart + 59s)).empty());
}

TEST_CASE("a missing verifier is explained") {
  Server server;
  const auto redeemed = server.table.redeem_code(
      {server.code(), "client", "http://localhost:1/c", std::nullopt}, kStart);
  const auto& denial = std::get<Denial>(redeemed);
  CHECK(denial.status == 400);
  CHECK(denial.description.find("This client must include a code_verifier") != std::string::npos);
}

TEST_CASE("a code that comes twice takes the tokens of the first time with it") {
  Server server;
  const std::string code = server.code();
  const Tokens tokens = std::get<Tokens>(server.redeem(code));
  CHECK(server.accepts(tokens));
  CHECK(error_of(server.redeem(code)) == "invalid_grant");
  CHECK_FALSE(server.accepts(tokens));
  CHECK(error_of(server.refresh(tokens.refresh)) == "invalid_grant");
}

TEST_CASE("access tokens end with their time, refresh tokens with theirs") {
  Server server({.access_life = 10s, .refresh_life = 100s});
  const Tokens tokens = server.sign_in();
  CHECK(tokens.lifetime == 10s);
  CHECK(server.accepts(tokens, kStart + 9s));
  CHECK_FALSE(server.accepts(tokens, kStart + 10s));
  CHECK(error_of(server.refresh(tokens.refresh, kStart + 99s)).empty());
  CHECK(error_of(server.refresh(tokens.refresh, kStart + 100s)) == "invalid_grant");
}

TEST_CASE("without rotation the refresh token stays") {
  Server server;
  const Tokens first = server.sign_in();
  const Tokens second = std::get<Tokens>(server.refresh(first.refresh));
  CHECK(second.refresh == first.refresh);
  CHECK(second.access != first.access);
  CHECK(error_of(server.refresh(first.refresh)).empty());
  CHECK(server.table.reuses() == 0);
}

TEST_CASE("with rotation a second use revokes the whole family, and no other") {
  Server server({.rotate = true});
  const Tokens other = server.sign_in();
  const Tokens first = server.sign_in();
  const Tokens second = std::get<Tokens>(server.refresh(first.refresh));
  CHECK(second.refresh != first.refresh);
  CHECK(server.accepts(first));
  CHECK(error_of(server.refresh(first.refresh)) == "invalid_grant");
  CHECK(server.table.reuses() == 1);
  CHECK_FALSE(server.accepts(first));
  CHECK_FALSE(server.accepts(second));
  CHECK(error_of(server.refresh(second.refresh)) == "invalid_grant");
  CHECK(server.table.reuses() == 1);
  CHECK(server.accepts(other));
  CHECK(error_of(server.refresh(other.refresh)).empty());
}

TEST_CASE("another client's attempt neither succeeds nor harms") {
  Server server({.rotate = true});
  const Tokens tokens = server.sign_in();
  CHECK(error_of(server.table.redeem_refresh({tokens.refresh, "other", std::nullopt}, kStart)) ==
        "invalid_grant");
  CHECK(error_of(server.refresh(tokens.refresh)).empty());
}

TEST_CASE("a refresh may narrow the scope, not widen it") {
  Server server;
  const Tokens tokens = server.sign_in("mcp_read mcp_write");
  const auto with = [&](const char* scope) {
    return server.table.redeem_refresh({tokens.refresh, "client", scope}, kStart);
  };
  CHECK(std::get<Tokens>(with("mcp_read")).scope == "mcp_read");
  CHECK(std::get<Tokens>(with("")).scope == "mcp_read mcp_write");
  CHECK(std::get<Tokens>(server.refresh(tokens.refresh)).scope == "mcp_read mcp_write");
  CHECK(error_of(with("mcp_all")) == "invalid_scope");
}

TEST_CASE("revoking either token ends all that came of the sign-in") {
  for (const bool by_refresh : {true, false}) {
    Server server;
    const Tokens other = server.sign_in();
    const Tokens tokens = server.sign_in();
    CHECK(server.table.revoke(by_refresh ? tokens.refresh : tokens.access));
    CHECK_FALSE(server.accepts(tokens));
    CHECK(error_of(server.refresh(tokens.refresh)) == "invalid_grant");
    CHECK(server.accepts(other));
  }
  CHECK_FALSE(Server().table.revoke("unknown"));
}

TEST_CASE("all can be expired, and all can be revoked") {
  Server server;
  const Tokens tokens = server.sign_in();
  server.table.expire();
  CHECK_FALSE(server.accepts(tokens));
  const Tokens again = std::get<Tokens>(server.refresh(tokens.refresh));
  CHECK(server.accepts(again));
  server.table.revoke_all();
  CHECK_FALSE(server.accepts(again));
  CHECK(error_of(server.refresh(tokens.refresh)) == "invalid_grant");
}

TEST_CASE("without refresh tokens there are none") {
  Server server({.refresh_tokens = false});
  CHECK(server.sign_in().refresh.empty());
}

TEST_CASE("mcp_all includes all scopes and is included in none") {
  CHECK(allows("mcp_all", "mcp_write"));
  CHECK(allows("mcp_read mcp_write", "mcp_write"));
  CHECK_FALSE(allows("mcp_read mcp_write", "mcp_all"));
  CHECK_FALSE(allows("mcp_write_not", "mcp_write"));
  CHECK_FALSE(allows("", "mcp_read"));
}

}  // namespace
}  // namespace dogpipe::sandbox
