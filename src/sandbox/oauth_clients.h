// Who may sign in: dynamic registration (RFC 7591) as Datadog does it, where everybody gets the
// same id and nothing is remembered; or, as it was before, an id and a secret of one's own. Pure
// but for the random numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "crypto/random.h"
#include "event/http_message.h"
#include "json/reader.h"
#include "sandbox/oauth_quirks.h"

namespace dogpipe::sandbox {

class Clients {
 public:
  Clients(crypto::Random& random, const OAuthQuirks& quirks) : random_(random), quirks_(quirks) {}

  event::HttpReply register_client(const event::HttpRequest& request);
  bool known(std::string_view client_id) const;
  // The secret that the client has to prove itself with; nullptr: none.
  const std::string* secret_of(std::string_view client_id) const;
  // Nobody who has registered so far is known any more.
  void forget();

 private:
  std::string shared_id() const;
  event::HttpReply welcome(const json::Value& wish);

  crypto::Random& random_;
  const OAuthQuirks& quirks_;
  int forgotten_ = 0;                                        // how often
  std::map<std::string, std::string, std::less<>> secrets_;  // legacy: by id; empty: public
};

}  // namespace dogpipe::sandbox
