// Signing in with a browser: the authorization code flow of a native app (RFC 8252) with PKCE (RFC
// 7636), resource indicators (RFC 8707) and issuer identification (RFC 9207).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/ask.h"
#include "auth/become_client.h"
#include "auth/browser.h"
#include "auth/callback.h"
#include "auth/grant.h"
#include "auth/sign_in.h"

namespace dogpipe::auth {

// listen -> register -> send the browser -> [come back] -> exchange the code -> show the page.
class Login final : public SignIn::Method {
 public:
  // All references must outlive it; `done` is called once, on a turn of its own, last.
  Login(const SignInContext& context, const SignInRequest& request, const FoundServer& found,
        const SignInEvents& events, SignIn::Done done);
  ~Login() override;

  base::Result<void> paste(std::string_view url) override;
  bool linger(const std::function<void()>& over) override;
  bool is_deciding() const override { return fetch_ != nullptr; }

 private:
  base::Result<void> check_server() const;
  base::Result<void> listen();
  void become_client(bool anew);
  void on_client(base::Result<ClientIdentity> client);
  base::Result<void> authorize();
  void open_browser(const http::Url& url);
  void on_visit(std::string_view query, Callback::Visitor visitor);
  bool take(std::string_view query);
  base::Result<void> check_choice(const Return& back) const;
  base::Result<void> exchange(const base::Secret& code);
  void on_token(base::Result<TokenAnswer> answer);
  void finish(base::Result<Grant> grant);
  void show(const base::Result<Grant>& grant);
  void on_shown();

  const SignInContext& context_;
  const SignInRequest& request_;
  const FoundServer& found_;
  const SignInEvents& events_;
  SignIn::Done done_;
  std::string scope_;
  std::unique_ptr<Callback> callback_;
  std::unique_ptr<BecomeClient> becoming_;
  ClientIdentity client_;
  bool registered_anew_ = false;
  Pkce pkce_;
  Expected expected_;
  std::unique_ptr<BrowserLaunch> browser_;
  std::optional<Callback::Visitor> visitor_;  // waits for its page
  Return back_;
  std::unique_ptr<http::Fetch> fetch_;
  std::optional<base::Result<Grant>> outcome_;
  event::Deferred tell_;
  bool page_shown_ = false;
  std::function<void()> over_;
  event::Timer page_patience_;
};

}  // namespace dogpipe::auth
