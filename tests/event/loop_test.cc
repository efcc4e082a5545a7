#include "event/loop.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "event/poll.h"
#include "event/uv_loop.h"
#include "fakes/fake_loop.h"

namespace dogpipe::event {
namespace {

using namespace std::chrono_literals;
using fakes::FakeLoop;

TEST_CASE("timers run when they are due, in that order, and those of one time in order of start") {
  FakeLoop loop;
  std::string order;
  Timer c(loop, [&] { order += 'c'; });
  Timer a(loop, [&] { order += 'a'; });
  Timer b(loop, [&] { order += 'b'; });
  c.start(2ms);
  a.start(1ms);
  b.start(1ms);
  CHECK(order.empty());
  loop.pass(1ms);
  CHECK(order == "ab");
  CHECK_FALSE(a.running());
  CHECK(c.running());
  loop.pass(1ms);
  CHECK(order == "abc");
}

TEST_CASE("a timer that is started again, stopped or destroyed does not run at its old time") {
  FakeLoop loop;
  std::string order;
  Timer again(loop, [&] { order += 'a'; });
  Timer stopped(loop, [&] { order += 's'; });
  auto gone = std::make_unique<Timer>(loop, [&] { order += 'g'; });
  again.start(1ms);
  stopped.start(1ms);
  gone->start(1ms);
  again.start(3ms);
  stopped.stop();
  stopped.stop();
  gone.reset();
  loop.pass(2ms);
  CHECK(order.empty());
  loop.pass(1ms);
  CHECK(order == "a");
}

TEST_CASE("a timer's task may destroy its own timer, or another that is due") {
  FakeLoop loop;
  std::string order;
  std::unique_ptr<Timer> own, other;
  const std::string captured = "own";  // must outlive the timer inside the task
  own = std::make_unique<Timer>(loop, [&, captured] {
    own.reset();
    other.reset();
    order += captured;
  });
  other = std::make_unique<Timer>(loop, [&] { order += "other"; });
  own->start(1ms);
  other->start(1ms);
  loop.pass(5ms);
  CHECK(order == "own");
}

TEST_CASE("a timer that starts itself without delay lets the loop go on") {
  UvLoop loop;
  int runs = 0;
  Timer self(loop, [&] {
    if (++runs < 100) self.start(0ms);
  });
  Timer end(loop, [&] { loop.stop(); });
  self.start(0ms);
  end.start(1ms);
  loop.run();
  CHECK(runs >= 1);
  CHECK_FALSE(end.running());
}

TEST_CASE("deferred tasks run once, in order, and those before sleep last") {
  FakeLoop loop;
  std::string order;
  Deferred last(
      loop, [&] { order += 'L'; }, Phase::before_sleep);
  Deferred second(loop, [&] { order += '2'; });
  Deferred first(loop, [&] {
    order += '1';
    second.schedule();
  });
  last.schedule();
  first.schedule();
  first.schedule();
  CHECK(first.scheduled());
  CHECK(order.empty());
  loop.turn();
  CHECK(order == "12L");
  CHECK_FALSE(first.scheduled());
}

TEST_CASE("a deferred task may be cancelled by an earlier one, or destroy itself") {
  FakeLoop loop;
  std::string order;
  std::unique_ptr<Deferred> own, other;
  const std::string captured = "own";
  own = std::make_unique<Deferred>(loop, [&, captured] {
    own.reset();
    other.reset();
    order += captured;
  });
  other = std::make_unique<Deferred>(loop, [&] { order += "other"; });
  Deferred cancelled(loop, [&] { order += "cancelled"; });
  own->schedule();
  other->schedule();
  cancelled.schedule();
  cancelled.cancel();
  cancelled.cancel();
  loop.turn();
  CHECK(order == "own");
}

TEST_CASE("a task that is cancelled and scheduled anew in the same round runs in the next") {
  FakeLoop loop;
  std::string order;
  Deferred later(loop, [&] { order += 'l'; });
  Deferred first(loop, [&] {
    later.cancel();
    later.schedule();
    order += 'f';
  });
  first.schedule();
  later.schedule();
  loop.turn();
  CHECK(order == "fl");
}

TEST_CASE("tasks that defer each other for ever do not keep the loop from its sockets") {
  UvLoop loop;
  std::array<int, 2> ends = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  Deferred self(loop, [&] { self.schedule(); });
  bool readable = false;
  auto poll = Poll::make(loop, ends[0], [&](unsigned ready, bool) {
    readable = (ready & kReadable) != 0;
    loop.stop();
  });
  REQUIRE(poll);
  (*poll)->watch(kReadable);
  self.schedule();
  loop.run();
  CHECK(readable);
  for (const int end : ends) ::close(end);
}

TEST_CASE("the real loop runs timers and deferred tasks, and can be run again") {
  UvLoop loop;
  std::string order;
  Deferred soon(loop, [&] { order += 's'; });
  Timer second(loop, [&] {
    order += '2';
    loop.stop();
  });
  Timer first(loop, [&] {
    order += '1';
    soon.schedule();
  });
  second.start(10ms);
  first.start(1ms);
  loop.run();
  CHECK(order == "1s2");
  first.start(0ms);
  second.start(1ms);
  loop.run();
  CHECK(order == "1s21s2");
}

TEST_CASE("an earlier timer that is started later runs first") {
  UvLoop loop;
  std::string order;
  Timer late(loop, [&] {
    order += 'l';
    loop.stop();
  });
  Timer early(loop, [&] { order += 'e'; });
  Deferred starter(loop, [&] { early.start(1ms); });
  late.start(30ms);
  starter.schedule();
  loop.run();
  CHECK(order == "el");
}

TEST_CASE("a poll may be destroyed in its own function, and watches only what it is asked to") {
  UvLoop loop;
  std::array<int, 2> ends = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  std::unique_ptr<Poll> poll;
  std::string seen;
  auto made = Poll::make(loop, ends[0], [&](unsigned ready, bool) {
    seen += ready == kWritable ? 'w' : 'r';
    if (ready == kWritable) {
      REQUIRE(::write(ends[1], "x", 1) == 1);
      return poll->watch(kReadable);
    }
    poll.reset();
    loop.stop();
  });
  REQUIRE(made);
  poll = std::move(*made);
  poll->watch(kWritable);
  loop.run();
  CHECK(seen == "wr");
  for (const int end : ends) ::close(end);
}

}  // namespace
}  // namespace dogpipe::event
