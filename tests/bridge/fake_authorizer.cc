#include "fake_authorizer.h"

#include <utility>

namespace dogpipe::bridge {

class FakeAuthorizer::OneWait final : public auth::Authorizer::Wait {
 public:
  OneWait(FakeAuthorizer& authorizer, Done done)
      : authorizer_(authorizer), done_(std::move(done)) {}
  OneWait(const OneWait&) = delete;
  OneWait& operator=(const OneWait&) = delete;
  ~OneWait() override { std::erase(authorizer_.waits_, this); }

  // Copied: it destroys us.
  void settle(const std::optional<auth::Impediment>& impediment) {
    const Done done = done_;
    done(impediment);
  }

 private:
  FakeAuthorizer& authorizer_;
  Done done_;
};

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::wait(Done done) {
  auto one = std::make_unique<OneWait>(*this, std::move(done));
  waits_.push_back(one.get());
  return one;
}

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::prepare(Done done) {
  return stale ? wait(std::move(done)) : nullptr;
}

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::mend(const Refusal& refusal, Done done) {
  refusals.push_back(refusal);
  return can_mend ? wait(std::move(done)) : nullptr;
}

void FakeAuthorizer::sign_in() {
  credential_.fields = {{"Authorization", base::Secret("Bearer 1")}};
}

void FakeAuthorizer::settle(const std::optional<auth::Impediment>& impediment) {
  if (!impediment) {
    stale = false;
    ++generation_;
    credential_.fields = {{"Authorization", base::Secret("Bearer " + std::to_string(generation_))}};
  }
  while (!waits_.empty()) waits_.front()->settle(impediment);
}

}  // namespace dogpipe::bridge
