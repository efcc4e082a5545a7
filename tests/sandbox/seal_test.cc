#include "sandbox/seal.h"

#include <doctest/doctest.h>

#include <cctype>

namespace dogpipe::sandbox {
namespace {

TEST_CASE("the codes are those of RFC 4231") {
  CHECK(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256_hex(std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("what was sealed can be opened, and nothing else") {
  crypto::SystemRandom random;
  const Seal seal(random);
  const std::string sealed = seal.close("{\"round\":1}");
  for (const char c : sealed) CHECK(std::isgraph(static_cast<unsigned char>(c)) != 0);
  REQUIRE(seal.open(sealed));
  CHECK(*seal.open(sealed) == "{\"round\":1}");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (const char other : {'A', 'b', '0', '.', '='}) {
      std::string changed = sealed;
      if (changed[i] == other) continue;
      changed[i] = other;
      CHECK_FALSE(seal.open(changed));
    }
  }
  CHECK_FALSE(seal.open(""));
  CHECK_FALSE(seal.open(sealed + "0"));
  CHECK_FALSE(seal.open(sealed.substr(0, sealed.size() - 1)));
  CHECK_FALSE(seal.open(sealed.substr(0, sealed.find('.'))));
  CHECK_FALSE(Seal(random).open(sealed));
}

}  // namespace
}  // namespace dogpipe::sandbox
