#include "bridge/replay.h"

#include <algorithm>
#include <array>

namespace dogpipe::bridge {
namespace {

constexpr int kAttemptsUnsent = 3;
constexpr int kAttemptsUnclear = 2;
constexpr int kRepairs = 1;

constexpr std::array<std::string_view, 11> kRepeatable = {"initialize",
                                                          "server/discover",
                                                          "ping",
                                                          "tools/list",
                                                          "resources/list",
                                                          "prompts/list",
                                                          "resources/templates/list",
                                                          "resources/read",
                                                          "prompts/get",
                                                          "completion/complete",
                                                          "logging/setLevel"};

Next after_unclear(const Attempted& attempted) {
  const bool again =
      attempted.safety == Safety::repeatable && attempted.attempts < kAttemptsUnclear;
  return again ? Next::again_later : Next::give_up;
}

}  // namespace

Safety safety_of(std::string_view method, const ToolHints& hints) {
  if (method == "tools/call") {
    return hints.read_only || hints.idempotent ? Safety::repeatable : Safety::once;
  }
  const bool listed =
      std::find(kRepeatable.begin(), kRepeatable.end(), method) != kRepeatable.end();
  return listed ? Safety::repeatable : Safety::once;
}

Next decide(const Attempted& attempted) {
  switch (attempted.evidence) {
    case Evidence::not_sent:
      return attempted.attempts < kAttemptsUnsent ? Next::again_later : Next::give_up;
    case Evidence::refused:
      return attempted.repairs < kRepairs ? Next::again_after_repair : Next::give_up;
    case Evidence::unclear:
      return after_unclear(attempted);
    case Evidence::partial:
      if (attempted.can_resume) return Next::resume;
      return attempted.forwarded ? Next::give_up : after_unclear(attempted);
    case Evidence::unwanted:
    case Evidence::conclusive:
      return Next::give_up;
  }
  return Next::give_up;
}

Executed executed(Evidence evidence) {
  return evidence == Evidence::not_sent || evidence == Evidence::refused ? Executed::no
                                                                         : Executed::unknown;
}

bool RetryBudget::take() {
  if (tenths_ < kRetry) return false;
  tenths_ -= kRetry;
  return true;
}

void RetryBudget::success() { tenths_ = std::min(kMost, tenths_ + 1); }

}  // namespace dogpipe::bridge
