#include "bridge/replay.h"

#include <doctest/doctest.h>

#include <string>

#include "bridge/backoff.h"

namespace dogpipe::bridge {
namespace {

// Answers as in `decide`, one letter each: L(ater), R(epair), S(tream resumed), - (given up).
char letter(Next next) {
  switch (next) {
    case Next::again_later:
      return 'L';
    case Next::again_after_repair:
      return 'R';
    case Next::resume:
      return 'S';
    case Next::give_up:
      return '-';
  }
  return '?';
}

TEST_CASE("every evidence, safety and number of attempts has its one answer") {
  const struct {
    Evidence evidence;
    std::string_view repeatable, once;  // after attempts 1, 2, 3 and 4
  } rows[] = {
      {Evidence::not_sent, "LL--", "LL--"}, {Evidence::refused, "RRRR", "RRRR"},
      {Evidence::unclear, "L---", "----"},  {Evidence::partial, "L---", "----"},
      {Evidence::unwanted, "----", "----"}, {Evidence::conclusive, "----", "----"},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.evidence));
    for (const Safety safety : {Safety::repeatable, Safety::once}) {
      std::string answers;
      for (int attempts = 1; attempts <= 4; ++attempts) {
        Attempted attempted;
        attempted.safety = safety;
        attempted.evidence = row.evidence;
        attempted.attempts = attempts;
        answers += letter(decide(attempted));
      }
      CHECK(answers == (safety == Safety::repeatable ? row.repeatable : row.once));
    }
  }
}

TEST_CASE("what was refused is repaired once") {
  for (const Safety safety : {Safety::repeatable, Safety::once}) {
    for (int repairs = 1; repairs <= 3; ++repairs) {
      CHECK(decide({safety, Evidence::refused, 2, repairs, false, false}) == Next::give_up);
    }
  }
}

TEST_CASE("a broken stream is resumed where that can be, whatever the request") {
  for (const Safety safety : {Safety::repeatable, Safety::once}) {
    for (const bool forwarded : {false, true}) {
      CHECK(decide({safety, Evidence::partial, 5, 1, true, forwarded}) == Next::resume);
    }
  }
}

TEST_CASE("a stream of which the host has seen something is never begun anew") {
  CHECK(decide({Safety::repeatable, Evidence::partial, 1, 0, false, true}) == Next::give_up);
  CHECK(decide({Safety::once, Evidence::partial, 1, 0, false, true}) == Next::give_up);
}

TEST_CASE("requests that only read may be repeated, and nothing else") {
  for (const char* method :
       {"initialize", "server/discover", "ping", "tools/list", "resources/list", "prompts/list",
        "resources/templates/list", "resources/read", "prompts/get", "completion/complete",
        "logging/setLevel"}) {
    CAPTURE(std::string(method));
    CHECK(safety_of(method, {}) == Safety::repeatable);
  }
  for (const char* method :
       {"tools/call", "", "tools/lists", "Tools/List", "x/list", "resources/subscribe",
        "notifications/initialized", "tasks/cancel", "sampling/createMessage"}) {
    CAPTURE(std::string(method));
    CHECK(safety_of(method, {}) == Safety::once);
  }
}

TEST_CASE("hints make a tool call repeatable, and nothing else") {
  CHECK(safety_of("tools/call", {true, false}) == Safety::repeatable);
  CHECK(safety_of("tools/call", {false, true}) == Safety::repeatable);
  CHECK(safety_of("tools/calls", {true, true}) == Safety::once);
}

TEST_CASE("only what surely did not arrive is said not to have been carried out") {
  CHECK(executed(Evidence::not_sent) == Executed::no);
  CHECK(executed(Evidence::refused) == Executed::no);
  for (const Evidence evidence :
       {Evidence::unclear, Evidence::partial, Evidence::unwanted, Evidence::conclusive}) {
    CHECK(executed(evidence) == Executed::unknown);
  }
}

TEST_CASE("the budget gives ten retries, then one for ten successes, and never saves up more") {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) CHECK(budget.take());
  CHECK_FALSE(budget.take());
  for (int i = 0; i < 9; ++i) budget.success();
  CHECK_FALSE(budget.take());
  budget.success();
  CHECK(budget.take());
  CHECK_FALSE(budget.take());
  for (int i = 0; i < 1000; ++i) budget.success();
  for (int i = 0; i < 10; ++i) CHECK(budget.take());
  CHECK_FALSE(budget.take());
}

TEST_CASE("pauses are random, below a bound that doubles and stays") {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(100), milliseconds(200), milliseconds(1000));
  for (int round = 0; round < 2; ++round) {
    for (const int bound : {200, 400, 800, 1000, 1000, 1000}) {
      const milliseconds pause = backoff.next();
      CHECK(pause >= milliseconds(100));
      CHECK(pause <= milliseconds(bound));
    }
    backoff.reset();
  }
}

}  // namespace
}  // namespace dogpipe::bridge
