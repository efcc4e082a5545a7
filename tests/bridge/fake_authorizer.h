// An Authorizer that the test plays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/authorizer.h"

namespace dogpipe::bridge {

// Without a credential, until a test says that one can be had: then prepare() or mend() waits for
// the test's settle().
class FakeAuthorizer final : public auth::Authorizer {
 public:
  const auth::Credential& credential() const override { return credential_; }
  std::uint64_t generation() const override { return generation_; }
  std::unique_ptr<Wait> prepare(Done done) override;
  std::unique_ptr<Wait> mend(const Refusal& refusal, Done done) override;
  std::string advice(int status) const override { return "advice for " + std::to_string(status); }

  // There is a credential from the start.
  void sign_in();
  // What all that wait come to; a new credential if there is no impediment.
  void settle(const std::optional<auth::Impediment>& impediment = {});
  std::size_t waiting() const { return waits_.size(); }

  bool stale = false;     // prepare() has everybody wait
  bool can_mend = false;  // mend() does
  std::vector<Refusal> refusals;

 private:
  class OneWait;

  std::unique_ptr<Wait> wait(Done done);

  auth::Credential credential_;
  std::uint64_t generation_ = 1;
  std::vector<OneWait*> waits_;
};

}  // namespace dogpipe::bridge
