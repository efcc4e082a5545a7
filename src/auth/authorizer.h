// All that the bridge knows of authorization.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace dogpipe::auth {

// Header fields that authorize a request.
struct Credential {
  std::vector<std::pair<std::string, base::Secret>> fields;
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // What to send now; empty if there is nothing to send.
  virtual const Credential& credential() const = 0;
  // The server has answered 401 or 403 to it: what the user can do about that, in a sentence or
  // two.
  virtual std::string advice(int status) const = 0;
};

}  // namespace dogpipe::auth
