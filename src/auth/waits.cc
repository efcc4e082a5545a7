#include "auth/waits.h"

#include <chrono>
#include <utility>

namespace dogpipe::auth {
namespace {

// Hosts give up on initialize from 30 s on.
constexpr std::chrono::seconds kPatience{25};

}  // namespace

OneWait::OneWait(event::Loop& loop, All& all, For what, std::optional<std::uint64_t> refused,
                 Authorizer::Done done, Excuse excuse)
    : all_(all),
      what_(what),
      refused_(refused),
      done_(std::move(done)),
      excuse_(std::move(excuse)),
      deadline_(loop, [this] { settle(excuse_()); }),
      tell_(loop, [this] { tell(); }) {
  all_.push_back(this);
  deadline_.start(kPatience);
}

OneWait::~OneWait() { std::erase(all_, this); }

void OneWait::settle(const std::optional<Impediment>& impediment) {
  std::erase(all_, this);
  deadline_.stop();
  outcome_ = impediment;
  const bool old_one_may_do =
      what_ == For::first_token && impediment && impediment->kind == Impediment::Kind::unreachable;
  if (old_one_may_do) outcome_.reset();
  tell_.schedule();
}

void OneWait::tell() {
  const Authorizer::Done done = std::move(done_);
  const auto outcome = std::move(outcome_);
  done(outcome);
}

}  // namespace dogpipe::auth
