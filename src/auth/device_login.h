// Signing in on another device: the device authorization grant (RFC 8628).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/ask.h"
#include "auth/become_client.h"
#include "auth/sign_in.h"

namespace dogpipe::auth {

// register -> ask for a code -> show it -> ask for the token until the user has decided.
class DeviceLogin final : public SignIn::Method {
 public:
  // All references must outlive it; `done` is called once, on a turn of its own, last.
  DeviceLogin(const SignInContext& context, const SignInRequest& request, const FoundServer& found,
              const SignInEvents& events, SignIn::Done done);

 private:
  base::Result<http::Url> endpoint(const std::string& url) const;
  void on_client(base::Result<ClientIdentity> client);
  base::Result<void> ask_for_code();
  void on_code(base::Result<http::Response> response);
  base::Result<void> show();
  base::Result<void> ask_for_token();
  void on_token(base::Result<TokenAnswer> answer);
  void wait_and_ask();
  void finish(base::Result<Grant> grant);

  const SignInContext& context_;
  const SignInRequest& request_;
  const FoundServer& found_;
  const SignInEvents& events_;
  SignIn::Done done_;
  std::string scope_;
  ClientIdentity client_;
  DeviceReply device_;
  base::Time ends_;
  std::unique_ptr<BecomeClient> becoming_;
  std::unique_ptr<http::Fetch> fetch_;
  event::Timer pause_;
};

}  // namespace dogpipe::auth
