// A grant without a user: client credentials (RFC 6749 section 4.4), with a secret or a signed
// assertion (RFC 7523 section 2.2; MCP extension io.modelcontextprotocol/oauth-client-credentials).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/ask.h"
#include "auth/sign_in.h"

namespace dogpipe::auth {

class ServiceLogin final : public SignIn::Method {
 public:
  // All references must outlive it; `done` is called once, on a turn of its own, last.
  ServiceLogin(const SignInContext& context, const SignInRequest& request, const FoundServer& found,
               SignIn::Done done);

 private:
  base::Result<void> ask();
  void on_token(base::Result<TokenAnswer> answer);
  void finish(base::Result<Grant> grant);

  const SignInContext& context_;
  const SignInRequest& request_;
  const FoundServer& found_;
  SignIn::Done done_;
  std::string scope_;
  ClientIdentity client_;
  std::optional<base::Error> refusal_;
  event::Deferred refuse_;
  std::unique_ptr<http::Fetch> fetch_;
};

}  // namespace dogpipe::auth
