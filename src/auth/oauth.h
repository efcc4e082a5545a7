// OAuth as the bridge sees it: sends the stored token, and has workers renew it or sign the user
// in, one for any number of requests that wait.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/authorizer.h"
#include "auth/challenge.h"
#include "auth/errand.h"
#include "auth/held_grant.h"
#include "auth/token_store.h"
#include "auth/waits.h"
#include "auth/worker_run.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "event/loop.h"
#include "event/process.h"

namespace dogpipe::auth {

class OAuth final : public Authorizer {
 public:
  struct Settings {
    std::string profile;
    std::string endpoint;         // without a query
    event::Command worker;        // what to start for an errand
    std::string worker_settings;  // Errand::settings
    std::string login_command;    // for people: "dogpipe login --profile work"
    bool with_user = true;        // false: client credentials, which need nobody
    bool may_sign_in = true;      // by itself, when it is needed
    bool scope_chosen = false;    // by the user: no server widens that
  };

  // All must outlive it.
  OAuth(event::Loop& loop, TokenStore& store, event::Spawner& spawner, crypto::Random& random,
        Settings settings);
  ~OAuth() override;

  const Credential& credential() const override { return held_.credential(); }
  std::uint64_t generation() const override { return held_.generation(); }
  std::unique_ptr<Wait> prepare(Done done) override;
  std::unique_ptr<Wait> mend(const Refusal& refusal, Done done) override;
  std::string advice(int status) const override;

 private:
  using For = OneWait::For;

  std::unique_ptr<OneWait> wait(For what, Done done, std::optional<std::uint64_t> refused = {});
  template <class Which>
  void settle(Which which, const std::optional<Impediment>& impediment);
  void look();

  void need_token(OneWait& one, const Challenge& challenge);
  void need_scope(OneWait& one, const Challenge& challenge);

  void refresh();
  void on_refresh(const Report& report);
  void end_refresh(const Report& report);
  void go_on();
  void plan_ahead();
  void refresh_ahead();

  void sign_in(const Challenge& challenge);
  void on_sign_in(const Report& report);
  void end_sign_in(const Report& report);
  void take_back(const Report& report);
  Impediment failed(Impediment::Kind kind, const std::string& why) const;
  void watch();
  bool sign_in_has_succeeded() const;
  void close_sign_in(const std::optional<Impediment>& impediment);
  void take(const Report& report);
  Impediment sign_in_required() const;
  Impediment waiting_too_long() const;

  event::Loop& loop_;
  TokenStore& store_;
  event::Spawner& spawner_;
  crypto::Random& random_;
  const Settings settings_;
  HeldGrant held_;
  std::uint64_t known_ = 0;  // generation of the token that was last planned for
  OneWait::All waits_;

  std::unique_ptr<WorkerRun> refreshing_;
  std::optional<base::Time> refreshed_;  // when one was last begun
  Challenge challenge_;                  // for a sign-in, should refreshing not help
  event::Timer ahead_;

  bool sign_in_open_ = false;
  std::unique_ptr<WorkerRun> signing_in_;  // null while the open sign-in is another process's
  bool granted_ = false;                   // it has brought a grant
  std::int64_t signed_in_before_ = 0;      // Grant::signed_in_at when it was opened
  std::string code_;                       // to enter there
  std::string url_;                        // of it
  int free_looks_ = 0;                     // at the lock of another's sign-in, finding it free
  int step_ups_ = 0;
  std::optional<Impediment> failure_;  // of a sign-in that the user has seen: no second one follows
  bool warned_ = false;                // that nothing can be stored
  event::Timer watch_;
};

}  // namespace dogpipe::auth
