#include "auth/oauth.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/refresh.h"
#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spawner.h"
#include "fakes/fake_token_store.h"
#include "flow.h"
#include "known_random.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using End = Report::End;

constexpr const char* kUrl = "https://app.datadoghq.com/authorize?state=s";
constexpr const char* kStepUp =
    R"(Bearer error="insufficient_scope", scope="write", resource_metadata="https://m/")";

// A bridge's OAuth, with a store that others share and workers that the test plays.
struct Scene : QuietLog {
  Scene() {
    settings.profile = "default";
    settings.endpoint = kEndpoint;
    settings.worker = {"/bin/worker", {"worker"}, {"HOME=/home/u"}};
    settings.worker_settings = R"({"values":{"--client-secret":"hush"}})";
    settings.login_command = "dogpipe login";
  }

  OAuth& oauth() {
    if (!made) made = std::make_unique<OAuth>(loop, store, spawner, random, settings);
    return *made;
  }
  // What the server is sent now.
  std::string token() {
    const auto& fields = oauth().credential().fields;
    return fields.empty() ? "" : std::string(fields.at(0).second.reveal());
  }

  Authorizer::Done teller(const std::string& name) {
    return [this, name](const std::optional<Impediment>& impediment) {
      told.push_back(name + ": " + describe(impediment));
      last = impediment;
    };
  }
  static std::string describe(const std::optional<Impediment>& impediment) {
    if (!impediment) return "go";
    switch (impediment->kind) {
      case Impediment::Kind::sign_in_required:
        return "sign in";
      case Impediment::Kind::sign_in_failed:
        return "failed";
      case Impediment::Kind::token_store:
        return "store";
      case Impediment::Kind::unreachable:
        break;
    }
    return "unreachable";
  }
  void keep(std::unique_ptr<Authorizer::Wait> wait) { waits.push_back(std::move(wait)); }

  // The server has refused a request with the present credential. Whether somebody waits now.
  bool refused(const std::string& name, int status = 401, const std::string& challenge = "Bearer",
               const std::function<void(Authorizer::Refusal&)>& more = {}) {
    Authorizer::Refusal refusal;
    refusal.status = status;
    refusal.challenge = challenge;
    refusal.generation = oauth().generation();
    if (more) more(refusal);
    auto wait = oauth().mend(refusal, teller(name));
    const bool waits_now = wait != nullptr;
    keep(std::move(wait));
    loop.turn();
    return waits_now;
  }
  // A request is about to go. Whether it must wait.
  bool asks(const std::string& name) {
    auto wait = oauth().prepare(teller(name));
    const bool waits_now = wait != nullptr;
    keep(std::move(wait));
    loop.turn();
    return waits_now;
  }

  std::size_t workers() const { return spawner.starts.size(); }
  Errand errand(std::size_t number) {
    auto errand = read_errand(spawner.starts.at(number)->input);
    REQUIRE(errand);
    return std::move(*errand);
  }
  void says(std::size_t worker, const Report& report) {
    spawner.say(worker, write_report(report).reveal());
    loop.turn();
  }
  void waiting(std::size_t worker, const std::string& url = kUrl) {
    Report report;
    report.means = Report::Means::waiting;
    report.url = url;
    says(worker, report);
  }
  void granted(std::size_t worker, int number, bool stored = true) {
    Report report;
    report.means = Report::Means::granted;
    report.grant = grant_number(number);
    report.stored = stored;
    if (stored) store.has(*report.grant);
    says(worker, report);
  }
  void ended(std::size_t worker, End end, const std::string& what = "why") {
    Report report;
    report.end = end;
    report.what = what;
    says(worker, report);
    spawner.end(worker, 0);
    loop.turn();
  }
  Strings heard() { return std::exchange(told, {}); }

  fakes::FakeLoop loop;
  fakes::FakeTokenStore store;
  fakes::FakeSpawner spawner;
  Known random{std::string(1, '\0')};
  OAuth::Settings settings;
  Strings told;
  std::optional<Impediment> last;
  std::unique_ptr<OAuth> made;
  std::vector<std::unique_ptr<Authorizer::Wait>> waits;  // they go before the OAuth
};

struct SignedIn : Scene {
  SignedIn() { store.has(grant_number(1)); }
};

TEST_CASE("a stored token is sent, and nobody waits") {
  SignedIn scene;
  CHECK(scene.token() == "Bearer A1");
  CHECK(scene.oauth().credential().fields.at(0).first == "Authorization");
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.workers() == 0);
}

TEST_CASE("without a token the request goes as it is: the server says where to sign in") {
  Scene scene;
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.token().empty());
  CHECK(scene.workers() == 0);
}

TEST_CASE("a refused request without a token leads to a sign-in, and then goes on") {
  Scene scene;
  CHECK(scene.refused("a", 401,
                      R"(Bearer resource_metadata="https://mcp.datadoghq.com/rm", scope="read")"));
  REQUIRE(scene.workers() == 1);
  const Errand errand = scene.errand(0);
  CHECK(errand.task == Errand::Task::sign_in);
  CHECK(errand.challenge.resource_metadata == "https://mcp.datadoghq.com/rm");
  CHECK(errand.challenge.scope == "read");
  CHECK(errand.scope_before.empty());
  CHECK(errand.settings == scene.settings.worker_settings);
  CHECK(scene.heard().empty());
  scene.waiting(0);
  CHECK(scene.heard().empty());
  scene.granted(0, 1);
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK(scene.token() == "Bearer A1");
  scene.ended(0, End::done);
  CHECK_FALSE(scene.asks("b"));
}

TEST_CASE("secrets are in the worker's input alone") {
  SignedIn scene;
  scene.refused("a");
  REQUIRE(scene.workers() == 1);
  const auto& start = *scene.spawner.starts.at(0);
  CHECK(start.command.program == "/bin/worker");
  CHECK(start.command.arguments == Strings{"worker"});
  CHECK(start.command.environment == Strings{"HOME=/home/u"});
  CHECK(start.input.find("hush") != std::string::npos);
  CHECK(start.input.find("A1") == std::string::npos);
  CHECK(start.input.find("R1") == std::string::npos);
}

TEST_CASE("fifty that are refused share one sign-in, and all go on") {
  Scene scene;
  Strings all;
  for (int i = 0; i < 50; ++i) {
    const std::string name = std::to_string(i);
    CHECK(scene.refused(name));
    all.push_back(name + ": go");
  }
  CHECK(scene.workers() == 1);
  scene.granted(0, 1);
  CHECK(scene.heard() == all);
}

TEST_CASE("fifty that are refused with an old token share one renewal") {
  SignedIn scene;
  Strings all;
  for (int i = 0; i < 50; ++i) {
    CHECK(scene.refused(std::to_string(i)));
    all.push_back(std::to_string(i) + ": go");
  }
  REQUIRE(scene.workers() == 1);
  CHECK(scene.errand(0).task == Errand::Task::refresh);
  CHECK(scene.errand(0).stale == fingerprint(base::Secret("A1")));
  CHECK_FALSE(scene.errand(0).own);
  scene.granted(0, 2);
  CHECK(scene.heard() == all);
  CHECK(scene.token() == "Bearer A2");
  scene.ended(0, End::done);
  CHECK(scene.heard().empty());
}

TEST_CASE("what was refused with an older token goes again at once") {
  SignedIn scene;
  const std::uint64_t old = scene.oauth().generation();
  scene.store.has(grant_number(2));
  CHECK(scene.refused("a", 401, "Bearer", [&](auto& refusal) { refusal.generation = old; }));
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK(scene.token() == "Bearer A2");
  CHECK(scene.workers() == 0);
}

TEST_CASE("a fresh token that is refused is not renewed for ever") {
  SignedIn scene;
  CHECK_FALSE(scene.refused("a", 401, "Bearer", [](auto& refusal) { refusal.again = true; }));
  CHECK(scene.workers() == 0);
}

TEST_CASE("a renewal that finds nothing to renew by leads to a sign-in for those who wait") {
  SignedIn scene;
  scene.refused("a", 401, R"(Bearer scope="read")");
  scene.ended(0, End::sign_in_needed);
  REQUIRE(scene.workers() == 2);
  CHECK(scene.errand(1).task == Errand::Task::sign_in);
  CHECK(scene.errand(1).challenge.scope == "read");
  CHECK(scene.heard().empty());
  scene.granted(1, 3);
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK(scene.token() == "Bearer A3");
}

TEST_CASE("a renewal that fails for the network's sake opens no tab and keeps the token") {
  SignedIn scene;
  scene.refused("a");
  scene.ended(0, End::unreachable, "no route");
  CHECK(scene.heard() == Strings{"a: unreachable"});
  CHECK(scene.last->what == "no route");
  CHECK(scene.workers() == 1);
  CHECK(scene.token() == "Bearer A1");
  CHECK(scene.refused("b"));
  CHECK(scene.workers() == 2);
  CHECK(scene.errand(1).task == Errand::Task::refresh);
}

TEST_CASE("after 25 s whoever waits hears where to sign in, and the sign-in goes on") {
  Scene scene;
  scene.refused("a");
  scene.waiting(0);
  scene.loop.pass(24s);
  CHECK(scene.heard().empty());
  scene.loop.pass(2s);
  CHECK(scene.heard() == Strings{"a: sign in"});
  CHECK(scene.last->url == kUrl);
  CHECK(scene.last->command == "dogpipe login");
  CHECK(scene.last->what.find(kUrl) != std::string::npos);
  CHECK(scene.last->what.find("dogpipe login") != std::string::npos);

  CHECK(scene.refused("b"));
  CHECK(scene.workers() == 1);
  scene.granted(0, 1);
  CHECK(scene.heard() == Strings{"b: go"});
}

TEST_CASE("after 25 s of renewing it is the server that has not answered") {
  SignedIn scene;
  scene.refused("a");
  scene.loop.pass(26s);
  CHECK(scene.heard() == Strings{"a: unreachable"});
  CHECK(scene.workers() == 1);
}

TEST_CASE("while a sign-in is open other requests wait for it") {
  Scene scene;
  scene.refused("a");
  CHECK(scene.asks("b"));
  scene.granted(0, 1);
  CHECK(scene.heard() == Strings{"a: go", "b: go"});
}

TEST_CASE("another program's sign-in is waited for, and its address is told") {
  Scene scene;
  scene.refused("a");
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = "https://other/";
  scene.ended(0, End::busy);
  CHECK(scene.heard().empty());
  scene.loop.pass(26s);
  CHECK(scene.heard() == Strings{"a: sign in"});
  CHECK(scene.last->url == "https://other/");
  CHECK(scene.refused("b"));
  scene.store.has(grant_number(4));
  scene.store.locks.clear();
  scene.loop.pass(1s);
  CHECK(scene.heard() == Strings{"b: go"});
  CHECK(scene.token() == "Bearer A4");
  CHECK(scene.workers() == 1);
}

TEST_CASE("another program's sign-in may take its time to come to an address") {
  Scene scene;
  scene.refused("a");
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = "";
  scene.ended(0, End::busy);
  scene.loop.pass(20s);
  CHECK(scene.heard().empty());
}

TEST_CASE(
    "another program's sign-in that the user has given up is a failure, without a second tab") {
  Scene scene;
  scene.refused("a");
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = kUrl;
  scene.ended(0, End::busy);
  scene.loop.pass(5s);
  CHECK(scene.heard().empty());
  scene.store.locks.clear();
  scene.loop.pass(5s);
  CHECK(scene.heard() == Strings{"a: failed"});
  CHECK(scene.refused("b"));
  CHECK(scene.workers() == 1);
}

TEST_CASE("where another program's sign-in ends before the user has seen it, an own one follows") {
  Scene scene;
  scene.refused("a");
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = "";
  scene.ended(0, End::busy);
  scene.loop.pass(5s);
  scene.store.locks.clear();
  scene.loop.pass(5s);
  CHECK(scene.heard().empty());
  CHECK(scene.workers() == 2);
}

TEST_CASE("the address in the lock's note is told even if the worker has not said it") {
  Scene scene;
  scene.refused("a");
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = kUrl;
  scene.loop.pass(26s);
  CHECK(scene.last->url == kUrl);
}

TEST_CASE("a lock without a note takes no address away") {
  Scene scene;
  scene.refused("a");
  scene.waiting(0);
  scene.store.locks[lock_name("sign-in", "default", kEndpoint)] = "";
  scene.loop.pass(26s);
  CHECK(scene.last->url == kUrl);
}

TEST_CASE("who has seen one tab and not signed in gets no second one by itself") {
  Scene scene;
  scene.refused("a");
  scene.waiting(0);
  scene.ended(0, End::denied, "no");
  CHECK(scene.heard() == Strings{"a: failed"});
  CHECK(scene.last->what.find("no. ") == 0);
  CHECK(scene.last->command == "dogpipe login");
  CHECK(scene.refused("b"));
  CHECK(scene.heard() == Strings{"b: failed"});
  CHECK(scene.workers() == 1);
  // Signed in by hand.
  scene.store.has(grant_number(1));
  scene.loop.pass(1s);
  CHECK_FALSE(scene.asks("c"));
  CHECK(scene.refused("c"));
  CHECK(scene.workers() == 2);
}

TEST_CASE("a sign-in that never came to an address may be tried again") {
  Scene scene;
  scene.refused("a");
  scene.ended(0, End::unreachable, "no route");
  CHECK(scene.heard() == Strings{"a: unreachable"});
  scene.refused("b");
  CHECK(scene.workers() == 2);
}

TEST_CASE("nobody having come to an open address counts as a failed sign-in") {
  Scene scene;
  scene.refused("a");
  scene.waiting(0);
  scene.ended(0, End::unreachable, "nobody has signed in in time");
  CHECK(scene.heard() == Strings{"a: failed"});
  scene.refused("b");
  CHECK(scene.workers() == 1);
}

TEST_CASE("what another process has stored is taken over before the next request") {
  SignedIn scene;
  CHECK(scene.token() == "Bearer A1");
  scene.loop.pass(1s);
  scene.store.has(grant_number(2));
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.token() == "Bearer A2");
}

TEST_CASE("the store is read again only if it has changed") {
  SignedIn scene;
  scene.oauth();
  for (int i = 0; i < 10; ++i) {
    scene.loop.pass(1s);
    scene.asks("a");
  }
  CHECK(scene.store.deeds == Strings{"read"});
}

TEST_CASE("whoever signs out elsewhere is signed out here") {
  SignedIn scene;
  const std::uint64_t before = scene.oauth().generation();
  scene.loop.pass(1s);
  scene.store.another_process([](Stored& stored) { stored.grants.clear(); });
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.token().empty());
  CHECK(scene.oauth().generation() != before);
}

TEST_CASE("a store that cannot be read for once costs no token") {
  SignedIn scene;
  scene.oauth();
  scene.loop.pass(1s);
  scene.store.another_process([](Stored&) {});
  scene.store.unreadable = true;
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.token() == "Bearer A1");
}

TEST_CASE("a worker that dies without a word is a failure that may be tried again") {
  SignedIn renewing;
  renewing.refused("a");
  renewing.spawner.end(0, 137);
  renewing.loop.turn();
  CHECK(renewing.heard() == Strings{"a: unreachable"});
  CHECK(renewing.refused("b"));
  CHECK(renewing.workers() == 2);

  Scene signing_in;
  signing_in.refused("a");
  signing_in.spawner.end(0, 137);
  signing_in.loop.turn();
  CHECK(signing_in.heard() == Strings{"a: unreachable"});
}

TEST_CASE("a worker that dies after it has stored its token has done its work") {
  SignedIn scene;
  scene.refused("a");
  scene.store.has(grant_number(2));
  scene.spawner.end(0, 137);
  scene.loop.turn();
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK(scene.token() == "Bearer A2");
}

TEST_CASE("a worker that cannot be started is named as such") {
  Scene scene;
  scene.spawner.refused = {"/bin/worker"};
  CHECK(scene.refused("a"));
  CHECK(scene.heard() == Strings{"a: unreachable"});
  CHECK(scene.last->what.find("no worker can be started") == 0);
}

TEST_CASE("reports come in pieces, and what is none is passed over") {
  Scene scene;
  scene.refused("a");
  Report report;
  report.means = Report::Means::granted;
  report.grant = grant_number(1);
  const std::string text = "\nnonsense\n{\"x\":1}\n" + std::string(write_report(report).reveal());
  for (const char c : text) scene.spawner.say(0, std::string(1, c));
  scene.loop.turn();
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK(scene.token() == "Bearer A1");
}

Grant expiring_in(std::int64_t seconds, std::int64_t life = 3600) {
  Grant grant = grant_number(1);
  grant.expires_at = base::unix_seconds() + seconds;
  grant.issued_at = *grant.expires_at - life;
  return grant;
}

TEST_CASE("by a clock that says expired, requests wait for a renewal") {
  Scene scene;
  scene.store.has(expiring_in(-1));
  CHECK(scene.asks("a"));
  CHECK(scene.asks("b"));
  CHECK(scene.workers() == 1);
  CHECK(scene.errand(0).task == Errand::Task::refresh);
  scene.granted(0, 2);
  CHECK(scene.heard() == Strings{"a: go", "b: go"});
  CHECK_FALSE(scene.asks("c"));
}

TEST_CASE("where renewing fails the expired token is tried, and the clock rests for a while") {
  Scene scene;
  scene.store.has(expiring_in(-1));
  CHECK(scene.asks("a"));
  scene.ended(0, End::unreachable);
  CHECK(scene.heard() == Strings{"a: go"});
  CHECK_FALSE(scene.asks("b"));
  CHECK(scene.workers() == 1);
  scene.loop.pass(31s);
  CHECK(scene.asks("c"));
  CHECK(scene.workers() == 2);
}

TEST_CASE("an expired token that cannot be renewed is sent: the server has the last word") {
  Scene scene;
  Grant grant = expiring_in(-1);
  grant.refresh_token = base::Secret();
  scene.store.has(grant);
  CHECK_FALSE(scene.asks("a"));
  CHECK(scene.workers() == 0);
}

TEST_CASE("ahead of its end a token is renewed without anybody asking") {
  Scene scene;
  scene.store.has(expiring_in(3600));
  scene.oauth();
  scene.loop.pass(3290s);
  CHECK(scene.workers() == 0);
  scene.loop.pass(20s);
  REQUIRE(scene.workers() == 1);
  CHECK(scene.errand(0).task == Errand::Task::refresh);
  CHECK_FALSE(scene.asks("a"));  // the old one is still good
  scene.ended(0, End::sign_in_needed);
  CHECK(scene.workers() == 1);  // nobody is there to sign in
}

TEST_CASE("ahead of its end another process may have renewed it") {
  Scene scene;
  scene.store.has(expiring_in(3600));
  scene.oauth();
  scene.store.has(grant_number(2));
  scene.loop.pass(3500s);
  CHECK(scene.workers() == 0);
  CHECK(scene.token() == "Bearer A2");
}

TEST_CASE("processes differ in when they renew") {
  Scene scene;
  scene.random = Known(std::string(1, '\xff'));
  scene.store.has(expiring_in(3600));
  scene.oauth();
  scene.loop.pass(3230s);
  CHECK(scene.workers() == 0);
  scene.loop.pass(20s);
  CHECK(scene.workers() == 1);
}

TEST_CASE("what is not worth troubling the user for opens no tab") {
  const auto quiet = [](Authorizer::Refusal& refusal) { refusal.quiet = true; };
  Scene without;
  CHECK(without.refused("a", 401, "Bearer", quiet));
  CHECK(without.heard() == Strings{"a: sign in"});
  CHECK(without.workers() == 0);

  SignedIn with;
  CHECK(with.refused("a", 401, "Bearer", quiet));
  CHECK(with.workers() == 1);
  with.ended(0, End::sign_in_needed);
  CHECK(with.heard() == Strings{"a: sign in"});
  CHECK(with.workers() == 1);
}

TEST_CASE("the user is troubled if one of those who wait is worth it") {
  SignedIn scene;
  scene.refused("a", 401, "Bearer", [](auto& refusal) { refusal.quiet = true; });
  scene.refused("b");
  scene.ended(0, End::sign_in_needed);
  CHECK(scene.workers() == 2);
}

TEST_CASE("a 403 for want of scope leads to a sign-in for what there was and what is wanted") {
  SignedIn scene;
  scene.store.stored.grants[0].requested_scope = "read list";
  scene.store.stored.grants[0].granted_scope = "read offline_access";
  CHECK(scene.refused("a", 403, kStepUp));
  REQUIRE(scene.workers() == 1);
  CHECK(scene.errand(0).task == Errand::Task::sign_in);
  CHECK(scene.errand(0).scope_before == "read list offline_access");
  CHECK(scene.errand(0).challenge.scope == "write");
  CHECK_FALSE(scene.asks("b"));  // others go on with what they may do
}

TEST_CASE("a scope that was asked for and not granted is not asked for again") {
  SignedIn scene;
  scene.store.stored.grants[0].requested_scope = "read write";
  CHECK(scene.refused("a", 403, kStepUp));
  CHECK(scene.heard() == Strings{"a: failed"});
  CHECK(scene.workers() == 0);
}

TEST_CASE("another 403 is the server's last word") {
  SignedIn scene;
  CHECK_FALSE(scene.refused("a", 403, "Bearer"));
  CHECK_FALSE(scene.refused("a", 403, ""));
  CHECK(scene.workers() == 0);
}

TEST_CASE("a token that could not be stored is used, and goes along with the next errand") {
  SignedIn scene;
  scene.refused("a");
  scene.granted(0, 2, false);
  scene.ended(0, End::done);
  CHECK(scene.token() == "Bearer A2");
  scene.refused("b");
  REQUIRE(scene.workers() == 2);
  REQUIRE(scene.errand(1).own);
  CHECK(scene.errand(1).own->refresh_token.reveal() == "R2");
  CHECK(scene.errand(1).stale == fingerprint(base::Secret("A2")));
  scene.granted(1, 3);
  scene.ended(1, End::done);
  scene.refused("c");
  REQUIRE(scene.workers() == 3);
  CHECK_FALSE(scene.errand(2).own);
}

TEST_CASE("a token that could not be stored outlives what others do to the store") {
  SignedIn scene;
  scene.refused("a");
  scene.granted(0, 2, false);
  scene.ended(0, End::done);
  scene.loop.pass(1s);
  scene.store.another_process([](Stored&) {});
  CHECK_FALSE(scene.asks("b"));
  CHECK(scene.token() == "Bearer A2");
  scene.loop.pass(1s);
  scene.store.another_process([](Stored& stored) { stored.grants.clear(); });
  CHECK_FALSE(scene.asks("c"));
  CHECK(scene.token() == "Bearer A2");
  scene.loop.pass(1s);
  Grant later = grant_number(9);
  later.signed_in_at = 5000;
  scene.store.has(later);
  CHECK_FALSE(scene.asks("d"));
  CHECK(scene.token() == "Bearer A9");
}

TEST_CASE("a sign-in that is taken back is not used, stored or not") {
  for (const bool stored : {true, false}) {
    Scene scene;
    scene.refused("a");
    scene.waiting(0);
    scene.granted(0, 1, stored);
    CHECK(scene.heard() == Strings{"a: go"});
    scene.store.another_process([](Stored& all) { all.grants.clear(); });
    scene.ended(0, End::denied, "another organization");
    CHECK(scene.token().empty());
    CHECK(scene.refused("b"));
    CHECK(scene.heard() == Strings{"b: failed"});
    CHECK(scene.workers() == 1);
  }
}

TEST_CASE("without leave to sign in, the user hears what to do at once") {
  Scene scene;
  scene.settings.may_sign_in = false;
  CHECK(scene.refused("a"));
  CHECK(scene.heard() == Strings{"a: sign in"});
  CHECK(scene.last->command == "dogpipe login");
  CHECK(scene.workers() == 0);
}

TEST_CASE("without leave to sign in, a stored token is renewed all the same") {
  SignedIn scene;
  scene.settings.may_sign_in = false;
  scene.refused("a");
  CHECK(scene.workers() == 1);
  scene.ended(0, End::sign_in_needed);
  CHECK(scene.heard() == Strings{"a: sign in"});
  CHECK(scene.workers() == 1);
}

TEST_CASE("whoever drops a wait hears nothing") {
  Scene scene;
  scene.refused("a");
  scene.waits.clear();
  scene.granted(0, 1);
  scene.loop.pass(60s);
  CHECK(scene.heard().empty());
}

TEST_CASE("a bridge that ends lets its worker go on") {
  Scene scene;
  scene.refused("a");
  scene.waits.clear();
  scene.made.reset();
  CHECK_FALSE(scene.spawner.starts.at(0)->held);
  scene.waiting(0);
}

TEST_CASE("the last word of a refusal names the command that repairs it") {
  Scene scene;
  CHECK(scene.oauth().advice(401).find("dogpipe login") != std::string::npos);
  CHECK(scene.oauth().advice(403).find("mcp_read") != std::string::npos);
}

}  // namespace
}  // namespace dogpipe::auth
