#include "auth/client_assertion.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/base64.h"
#include "crypto/sign.h"
#include "known_random.h"

namespace dogpipe::auth {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

base::Secret pem_of(const Key& key) {
  const std::unique_ptr<BIO, Free> memory(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr));
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return base::Secret(std::string(text, static_cast<std::size_t>(size)));
}

bool verifies_rs256(const Key& key, const std::string& text, const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

std::vector<std::string> parts(std::string_view token) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t dot = token.find('.');
    out.emplace_back(token.substr(0, dot));
    if (dot == std::string_view::npos) return out;
    token.remove_prefix(dot + 1);
  }
}

TEST_CASE("an assertion says who we are, to whom, and for five minutes") {
  const Key key(EVP_RSA_gen(2048));
  Known random("\xAB");
  const auto token = client_assertion(pem_of(key), "the \"id\"", "https://as.test/v1",
                                      std::chrono::seconds(1'800'000'000), random);
  REQUIRE(token);
  const auto piece = parts(token->reveal());
  REQUIRE(piece.size() == 3);
  CHECK(*crypto::read_base64url(piece[0]) == R"({"alg":"RS256","typ":"JWT"})");
  CHECK(*crypto::read_base64url(piece[1]) ==
        R"({"iss":"the \"id\"","sub":"the \"id\"","aud":"https://as.test/v1",)"
        R"("iat":1800000000,"exp":1800000300,"jti":"abababababababababababababababab"})");
  CHECK(verifies_rs256(key, piece[0] + '.' + piece[1], *crypto::read_base64url(piece[2])));
}

TEST_CASE("the algorithm is that of the key") {
  const Key key(EVP_EC_gen("P-256"));
  Known random("\xAB");
  const auto token =
      client_assertion(pem_of(key), "id", "https://as.test", std::chrono::seconds(1), random);
  REQUIRE(token);
  const auto piece = parts(token->reveal());
  REQUIRE(piece.size() == 3);
  CHECK(*crypto::read_base64url(piece[0]) == R"({"alg":"ES256","typ":"JWT"})");
  CHECK(crypto::read_base64url(piece[2])->size() == 64);
}

TEST_CASE("without a usable key or random numbers there is no assertion") {
  const Key key(EVP_EC_gen("P-256"));
  Known known("\xAB");
  Failing failing;
  const auto kind = [](const base::Secret& pem, crypto::Random& random) {
    return client_assertion(pem, "id", "aud", std::chrono::seconds(1), random).error().kind;
  };
  CHECK(kind(base::Secret("no key"), known) == base::Kind::usage);
  CHECK(kind(pem_of(Key(EVP_EC_gen("P-384"))), known) == base::Kind::usage);
  CHECK(kind(pem_of(key), failing) == base::Kind::file);
}

}  // namespace
}  // namespace dogpipe::auth
