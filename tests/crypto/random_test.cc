#include "crypto/random.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace dogpipe::crypto {
namespace {

class Counting final : public Random {
 public:
  base::Result<void> fill(std::span<unsigned char> bytes) override {
    for (unsigned char& byte : bytes) byte = next_++;
    return {};
  }

 private:
  unsigned char next_ = 0x7e;
};

class Failing final : public Random {
 public:
  base::Result<void> fill(std::span<unsigned char>) override {
    return base::Error{base::Kind::file, "none left"};
  }
};

TEST_CASE("every byte becomes two hexadecimal digits") {
  Counting random;
  CHECK(*random_hex(random, 4) == "7e7f8081");
  CHECK(random_hex(random, 0)->empty());
}

TEST_CASE("a generator that fails gives no digits") {
  Failing random;
  CHECK(random_hex(random, 4).error().what == "none left");
}

TEST_CASE("the system's generator does not repeat itself") {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(*random_hex(random, 16));
  CHECK(seen.size() == 1000);
}

}  // namespace
}  // namespace dogpipe::crypto
