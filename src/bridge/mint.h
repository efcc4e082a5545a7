// Ids of requests that are the bridge's own.
#pragma once

#include <functional>
#include <string>

#include "crypto/random.h"

namespace dogpipe::bridge {

// Each call gives another raw id, a JSON string token. Nobody can guess one: whoever could might
// answer in another's place.
using Mint = std::function<std::string()>;

// 128 random bits each. `random` must outlive it.
Mint make_mint(crypto::Random& random);

}  // namespace dogpipe::bridge
