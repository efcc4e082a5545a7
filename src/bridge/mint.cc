#include "bridge/mint.h"

#include <fmt/format.h>

#include <memory>

#include "base/log.h"

namespace dogpipe::bridge {

Mint make_mint(crypto::Random& random) {
  // Copies count on together.
  return [&random, counted = std::make_shared<int>(0)] {
    const int count = ++*counted;
    const auto digits = crypto::random_hex(random, 16);
    if (digits) return fmt::format(R"("dogpipe:{}")", *digits);
    // Ids must differ whatever happens.
    base::log(base::LogLevel::warn, "{}: an id can be guessed", digits.error().what);
    return fmt::format(R"("dogpipe:{}")", count);
  };
}

}  // namespace dogpipe::bridge
