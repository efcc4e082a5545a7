// Asking Datadog's server who a sign-in is for: its resource datadog://mcp/whoami.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/token_store.h"
#include "base/result.h"
#include "cli/options.h"
#include "event/loop.h"
#include "http/client.h"

namespace dogpipe::cli {

struct Identity {
  std::string user;  // e-mail address
  std::string organization;
  std::string organization_name;
  std::string site;
};

// From the result of resources/read. Errors: Kind::malformed.
base::Result<Identity> read_identity(std::string_view raw_result);

// Owning is asking; at most 30 s. `done` is called once, on a turn of its own, last.
class Whoami {
 public:
  Whoami(event::Loop& loop, http::Client& client, const Options& options, const auth::Grant& grant,
         std::function<void(base::Result<Identity>)> done);
  Whoami(const Whoami&) = delete;
  Whoami& operator=(const Whoami&) = delete;
  ~Whoami();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::cli
