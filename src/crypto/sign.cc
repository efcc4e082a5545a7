#include "crypto/sign.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include <climits>
#include <cstddef>
#include <utility>

namespace dogpipe::crypto {
namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Free>;

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kHalf = 32;  // of an ES256 signature: r, then s

// OpenSSL leaves what went wrong in a queue of the thread, where others would come across it.
struct QuietErrors {
  QuietErrors() { ERR_clear_error(); }
  ~QuietErrors() { ERR_clear_error(); }
};

base::Error unusable(const char* why) {
  return {base::Kind::usage, std::string("not a usable signing key: ") + why};
}

base::Error failed() { return {base::Kind::usage, "the signing key cannot sign"}; }

// Instead of OpenSSL's own, which asks at the terminal. Zero would mean an empty password.
int no_password(char*, int, int, void*) { return -1; }

Owned<EVP_PKEY> read_pem(std::string_view pem) {
  if (pem.size() > INT_MAX) return nullptr;
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return nullptr;
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
}

bool is_p256(const EVP_PKEY* key) {
  char name[64] = "";
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, name, sizeof(name), &length) == 1 &&
         std::string_view(name, length) == SN_X9_62_prime256v1;
}

// ECDSA-Sig-Value (RFC 3279 section 2.2.3) to r and s side by side.
base::Result<std::string> side_by_side(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!pair) return failed();
  std::string out(2 * kHalf, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, kHalf) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + kHalf, kHalf) < 0) {
    return failed();
  }
  return out;
}

}  // namespace

struct SigningKey::State {
  Owned<EVP_PKEY> key;
  bool elliptic = false;
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

base::Result<SigningKey> SigningKey::read(const base::Secret& pem) {
  const QuietErrors quiet;
  auto state = std::make_unique<State>();
  state->key = read_pem(pem.reveal());
  const EVP_PKEY* key = state->key.get();
  if (key == nullptr) return unusable("it is no private key in PEM, or it is encrypted");
  state->elliptic = EVP_PKEY_is_a(key, "EC") == 1;
  if (state->elliptic) {
    if (!is_p256(key)) return unusable("its curve is not P-256");
  } else if (EVP_PKEY_is_a(key, "RSA") != 1) {
    return unusable("it is neither RSA nor EC");
  } else if (EVP_PKEY_get_bits(key) < kLeastRsaBits) {
    return unusable("an RSA key needs at least 2048 bits");
  }
  return SigningKey(std::move(state));
}

std::string_view SigningKey::algorithm() const { return state_->elliptic ? "ES256" : "RS256"; }

base::Result<std::string> SigningKey::sign(std::string_view text) const {
  const QuietErrors quiet;
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const auto* message = reinterpret_cast<const unsigned char*>(text.data());
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  std::size_t size = out.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, message,
                     text.size()) != 1) {
    return failed();
  }
  out.resize(size);
  return state_->elliptic ? side_by_side(out) : out;
}

}  // namespace dogpipe::crypto
