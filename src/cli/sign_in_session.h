// One sign-in from the lock to the store, as `dogpipe login` and workers do it alike.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/sign_in.h"
#include "auth/token_store.h"
#include "cli/options.h"
#include "cli/whoami.h"

namespace dogpipe::cli {

// lock -> sign in -> save -> see who it is -> let the browser have its page. Owning is doing it.
class SignInSession {
 public:
  struct Events {
    auth::SignInEvents sign_in;
    // The grant can be used; `stored` is false where nothing can be kept.
    std::function<void(const auth::Grant& grant, bool stored)> on_granted;
  };
  // Nothing: somebody else is signing in for this profile and server (see TokenStore::note_of).
  using Done = std::function<void(base::Result<std::optional<auth::Grant>>)>;

  // All references must outlive it. `done` is called once, on a turn of its own, last.
  SignInSession(const auth::SignInContext& context, const Options& options,
                auth::SignInRequest request, Events events, Done done);
  SignInSession(const SignInSession&) = delete;
  SignInSession& operator=(const SignInSession&) = delete;

  base::Result<void> paste(std::string_view url);

 private:
  bool lock();
  std::optional<auth::Grant> other_sign_in() const;
  void on_url(const std::string& url);
  void leave_note(const std::string& url);
  void on_grant(base::Result<auth::Grant> grant);
  bool must_be_checked() const;
  void save();
  void ask_who();
  void on_identity(base::Result<Identity> identity);
  bool is_expected(const Identity& identity) const;
  static void note(const Identity& identity, auth::Grant& grant);
  void take_back();
  void change_stored(const std::function<void(auth::Stored&, auth::Grant&)>& edit);
  void end(base::Result<std::optional<auth::Grant>> outcome);

  const auth::SignInContext& context_;
  const Options& options_;
  const auth::SignInRequest request_;
  const Events events_;
  Done done_;
  std::unique_ptr<auth::StoreLock> lock_;
  std::optional<auth::Grant> grant_;
  std::optional<auth::Grant> former_;  // whose place it took in the store
  bool saved_ = false;
  std::optional<base::Result<std::optional<auth::Grant>>> outcome_;
  event::Deferred tell_;
  std::unique_ptr<auth::SignIn> sign_in_;
  std::unique_ptr<Whoami> whoami_;
};

}  // namespace dogpipe::cli
