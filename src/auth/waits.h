// The requests that wait for a credential.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "auth/authorizer.h"
#include "event/loop.h"

namespace dogpipe::auth {

// One of them. Owning is waiting.
class OneWait final : public Authorizer::Wait {
 public:
  // What it waits for.
  enum class For : std::uint8_t {
    token,        // any other token
    quiet_token,  // the same, without troubling the user
    first_token,  // before anything is sent; if it cannot be had now the old one is tried
    scope,        // a sign-in that grants more
  };
  using All = std::vector<OneWait*>;
  // What is said when it has taken too long.
  using Excuse = std::function<Impediment()>;

  // Enters itself into `all`. `refused`: generation of the token that was, if one was.
  OneWait(event::Loop& loop, All& all, For what, std::optional<std::uint64_t> refused,
          Authorizer::Done done, Excuse excuse);
  OneWait(const OneWait&) = delete;
  OneWait& operator=(const OneWait&) = delete;
  ~OneWait() override;

  For what() const { return what_; }
  const std::optional<std::uint64_t>& refused() const { return refused_; }

  // It waits no more, and hears of it on a turn of its own.
  void settle(const std::optional<Impediment>& impediment);

 private:
  void tell();

  All& all_;
  For what_;
  std::optional<std::uint64_t> refused_;
  Authorizer::Done done_;
  Excuse excuse_;
  std::optional<Impediment> outcome_;
  event::Timer deadline_;
  event::Deferred tell_;
};

}  // namespace dogpipe::auth
