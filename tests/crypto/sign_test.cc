#include "crypto/sign.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base64.h"

namespace dogpipe::crypto {
namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(OSSL_PARAM_BLD* builder) const noexcept { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const noexcept { OSSL_PARAM_free(parameters); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> number(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY> make(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
  return Owned<EVP_PKEY>(key);
}

// RFC 7515 appendix A.2.1.
Owned<EVP_PKEY> published_rsa_key() {
  using Part = std::pair<const char*, std::string_view>;
  const std::vector<Part> parts = {
      {OSSL_PKEY_PARAM_RSA_N,
       "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm"
       "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5"
       "rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGh"
       "yxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
      {OSSL_PKEY_PARAM_RSA_E, "AQAB"},
      {OSSL_PKEY_PARAM_RSA_D,
       "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NX"
       "OoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V"
       "51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jT"
       "j3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"},
      {OSSL_PKEY_PARAM_RSA_FACTOR1,
       "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5"
       "PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"},
      {OSSL_PKEY_PARAM_RSA_FACTOR2,
       "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQe"
       "ZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1,
       "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu"
       "1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2,
       "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0a"
       "jaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
       "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY"
       "7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"},
  };
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  std::vector<Owned<BIGNUM>> numbers;
  for (const auto& [name, text] : parts) {
    numbers.push_back(number(*read_base64url(text)));
    REQUIRE(OSSL_PARAM_BLD_push_BN(builder.get(), name, numbers.back().get()) == 1);
  }
  return make("RSA", builder.get());
}

// RFC 7515 appendix A.3.1.
Owned<EVP_PKEY> published_ec_key() {
  const std::string point = '\x04' +
                            *read_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                            *read_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  const auto secret = number(*read_base64url("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  return make("EC", builder.get());
}

std::string content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

enum class Form { pkcs8, traditional, encrypted_pkcs8, encrypted_traditional };

std::string pem(EVP_PKEY* key, Form form, std::string password = "secret") {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  const bool traditional = form == Form::traditional || form == Form::encrypted_traditional;
  const bool encrypted = form == Form::encrypted_pkcs8 || form == Form::encrypted_traditional;
  auto* const write = traditional ? PEM_write_bio_PrivateKey_traditional : PEM_write_bio_PrivateKey;
  const int written = write(bio.get(), key, encrypted ? EVP_aes_128_cbc() : nullptr,
                            encrypted ? reinterpret_cast<unsigned char*>(password.data()) : nullptr,
                            encrypted ? static_cast<int>(password.size()) : 0, nullptr, nullptr);
  REQUIRE(written == 1);
  return content_of(bio.get());
}

base::Result<SigningKey> read(const std::string& pem_text) {
  return SigningKey::read(base::Secret(pem_text));
}

bool verifies(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  REQUIRE(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1);
  const bool good = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                     bytes_of(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

// r and s as OpenSSL takes them.
std::string der(std::string_view signature) {
  REQUIRE(signature.size() == 64);
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), number(signature.substr(0, 32)).release(),
                 number(signature.substr(32)).release());
  unsigned char* out = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &out);
  std::string text(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return text;
}

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

TEST_CASE("RS256 signs as in RFC 7515 appendix A.2, from either form of the key") {
  const auto original = published_rsa_key();
  for (const Form form : {Form::pkcs8, Form::traditional}) {
    const auto key = read(pem(original.get(), form));
    REQUIRE(key);
    CHECK(key->algorithm() == "RS256");
    CHECK(
        base64url(*key->sign("eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload))) ==
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2"
        "Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjt"
        "QBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6"
        "IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  }
}

TEST_CASE("ES256 signs so that the key of RFC 7515 appendix A.3 verifies it") {
  const auto original = published_ec_key();
  const std::string text = "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload);
  // The measure itself: the RFC's own signature is one for it.
  const std::string published = *read_base64url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  REQUIRE(verifies(original.get(), text, der(published)));
  for (const Form form : {Form::pkcs8, Form::traditional}) {
    const auto key = read(pem(original.get(), form));
    REQUIRE(key);
    CHECK(key->algorithm() == "ES256");
    const std::string signature = *key->sign(text);
    CHECK(verifies(original.get(), text, der(signature)));
    CHECK_FALSE(verifies(original.get(), text + " ", der(signature)));
  }
}

// One in 256 signatures has an r or s that is shorter than its 32 bytes.
TEST_CASE("ES256 signatures have 64 bytes always") {
  const Owned<EVP_PKEY> original(EVP_EC_gen("P-256"));
  const auto key = read(pem(original.get(), Form::pkcs8));
  REQUIRE(key);
  int short_halves = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = std::to_string(i);
    const std::string signature = *key->sign(text);
    REQUIRE(signature.size() == 64);
    REQUIRE(verifies(original.get(), text, der(signature)));
    if (signature[0] == 0 || signature[32] == 0) ++short_halves;
  }
  CHECK(short_halves > 0);
}

TEST_CASE("a new RSA key's signatures verify, also of nothing and of much") {
  const Owned<EVP_PKEY> original(EVP_RSA_gen(2048));
  auto key = read(pem(original.get(), Form::pkcs8));
  REQUIRE(key);
  const SigningKey moved = *std::move(key);
  for (const std::string& text : {std::string(), std::string(100'000, 'x'), std::string(3, '\0')}) {
    CHECK(verifies(original.get(), text, *moved.sign(text)));
  }
}

TEST_CASE("a P-256 key as `openssl ecparam -genkey` writes it, with its parameters in front") {
  const Owned<EVP_PKEY> original(EVP_EC_gen("P-256"));
  const std::string text =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
      pem(original.get(), Form::traditional);
  const auto key = read(text);
  REQUIRE(key);
  CHECK(key->algorithm() == "ES256");
}

std::string public_pem(EVP_PKEY* key) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PUBKEY(bio.get(), key) == 1);
  return content_of(bio.get());
}

// What is wrong with a key that is refused; empty for one that is not.
std::string refusal(const std::string& pem_text) {
  const auto key = read(pem_text);
  if (key) return {};
  CHECK(key.error().kind == base::Kind::usage);
  CHECK(ERR_peek_error() == 0);
  return key.error().what.substr(std::string_view("not a usable signing key: ").size());
}

TEST_CASE("weak and other keys are refused") {
  const auto of = [](EVP_PKEY* key) {
    return refusal(pem(Owned<EVP_PKEY>(key).get(), Form::pkcs8));
  };
  const std::string weak = "an RSA key needs at least 2048 bits";
  CHECK(of(EVP_RSA_gen(1024)) == weak);
  CHECK(of(EVP_RSA_gen(2047)) == weak);
  CHECK(of(EVP_RSA_gen(2048)).empty());
  CHECK(of(EVP_EC_gen("P-256")).empty());
  for (const char* curve : {"P-224", "P-384", "P-521", "secp256k1"}) {
    CAPTURE(curve);
    CHECK(of(EVP_EC_gen(curve)) == "its curve is not P-256");
  }
  CHECK(of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) == "it is neither RSA nor EC");
  CHECK(of(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")) == "it is neither RSA nor EC");
}

TEST_CASE("an encrypted key is refused without a question, whatever its password") {
  const auto rsa = published_rsa_key();
  const auto ec = published_ec_key();
  for (EVP_PKEY* key : {rsa.get(), ec.get()}) {
    for (const Form form : {Form::encrypted_pkcs8, Form::encrypted_traditional}) {
      for (const char* password : {"secret", ""}) {
        const std::string text = pem(key, form, password);
        REQUIRE(text.find("ENCRYPTED") != std::string::npos);
        CHECK(refusal(text) == "it is no private key in PEM, or it is encrypted");
      }
    }
  }
}

TEST_CASE("what is no private key is refused, and nothing of it told") {
  const auto rsa = published_rsa_key();
  const std::string good = pem(rsa.get(), Form::pkcs8);
  std::string broken = good;
  broken[good.size() / 2] = '*';
  for (const std::string& text :
       {std::string(), std::string("SECRET"), public_pem(rsa.get()),
        good.substr(0, good.size() / 2), broken,
        std::string("-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n")}) {
    CAPTURE(text);
    CHECK(refusal(text) == "it is no private key in PEM, or it is encrypted");
  }
  CHECK(refusal(good).empty());
}

}  // namespace
}  // namespace dogpipe::crypto
