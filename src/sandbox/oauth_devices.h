// Signing in with a code that the user types in on another device (RFC 8628).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "event/http_message.h"
#include "sandbox/context.h"
#include "sandbox/form.h"
#include "sandbox/oauth_tokens.h"

namespace dogpipe::sandbox {

class Devices {
 public:
  Devices(Context& context, TokenTable& tokens) : context_(context), tokens_(tokens) {}

  // The device asks for a code to show.
  event::HttpReply begin(const Form& form);
  // The device asks whether the user has agreed. One poll too early is told to slow down.
  TokenTable::Redeemed poll(const Form& form);
  // The page that the user opens, with a link for each organization.
  event::HttpReply verification_page(const Form& form) const;
  // The user agrees for one organization, or (nullptr) says no. Whether there is such a code.
  bool settle(std::string_view user_code, const Organization* organization);

 private:
  struct Device {
    Grant grant;
    std::string user_code;
    base::Time end;
    base::Time next_poll;
    base::Duration interval;
    bool settled = false;
  };

  Context& context_;
  TokenTable& tokens_;
  std::map<std::string, Device, std::less<>> devices_;  // by device code
};

}  // namespace dogpipe::sandbox
