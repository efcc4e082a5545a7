// The token endpoint (RFC 6749 sections 4.1.3 and 6, RFC 8628 section 3.4) and revocation (RFC
// 7009).
#pragma once

#include <optional>
#include <string>

#include "event/http_message.h"
#include "sandbox/context.h"
#include "sandbox/form.h"
#include "sandbox/oauth_clients.h"
#include "sandbox/oauth_devices.h"
#include "sandbox/oauth_tokens.h"

namespace dogpipe::sandbox {

class TokenEndpoint {
 public:
  // What becomes of a request: the reply, how late, or nothing but a cut connection.
  struct Outcome {
    event::HttpReply reply;
    Milliseconds delay{0};
    bool lost = false;
  };

  TokenEndpoint(Context& context, Clients& clients, TokenTable& tokens, Devices& devices)
      : context_(context), clients_(clients), tokens_(tokens), devices_(devices) {}

  Outcome token(const event::HttpRequest& request);
  event::HttpReply revoke(const event::HttpRequest& request);
  // A request for a code to show on a device.
  event::HttpReply device(const event::HttpRequest& request);

 private:
  // The form, with the client's id in it whichever way it came; or what is wrong with it.
  std::optional<Denial> read(const event::HttpRequest& request, Form& form) const;
  std::optional<Denial> authenticate(const event::HttpRequest& request, Form& form) const;
  std::optional<Denial> check_resource(const Form& form, const std::string& grant) const;

  TokenTable::Redeemed redeem(const Form& form);
  TokenTable::Redeemed redeem_code(const Form& form);
  TokenTable::Redeemed redeem_refresh(const Form& form);
  Outcome refresh(const Form& form);
  event::HttpReply reply_to(const TokenTable::Redeemed& redeemed, bool refreshed) const;

  Context& context_;
  Clients& clients_;
  TokenTable& tokens_;
  Devices& devices_;
  int refreshes_spoiled_ = 0;
};

}  // namespace dogpipe::sandbox
