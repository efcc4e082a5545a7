// A router with a host in front and a server behind, both played by the test, and the transcript of
// all that passes.
//
// Lines of the transcript, `"jsonrpc":"2.0",` left out everywhere:
//   #2 POST S1 2025-06-18 {...}   a request to the server, with session id and revision, or -
//   #3 GET S1 2025-06-18 last=e7  ... without a body
//   #2 cancelled                  the bridge has let go of it before its end
//   < {...}                       a line for the host
//   < 7: -31009 outcome_unknown executed=unknown attempts=1     ... an error that the bridge made
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/router.h"
#include "bridge/upstream.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"

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

class World {
 public:
  struct Settings {
    bool trust_hints = true;
    std::size_t longest_message = 1 << 20;
    std::size_t longest_line = 1 << 20;
    http::Patience patience;
  };

  World() : World(Settings()) {}
  explicit World(const Settings& settings);
  ~World() { client.on_cancel = nullptr; }

  // The handshake, with the server's own stream refused. Afterwards the transcript is empty and
  // requests count from 1 again.
  void open(std::string_view revision = "2025-06-18", std::string_view session = "S1",
            std::string_view capabilities = "{}");
  // The same, but the request for the stream is left open, as request 3.
  void open_with_stream(std::string_view revision = "2025-06-18", std::string_view session = "S1",
                        std::string_view capabilities = "{}");

  // A line of the host, `"jsonrpc":"2.0",` left out; then a turn.
  void host(std::string_view line);
  void turn() { loop.turn(); }
  void pass(base::Duration time) { loop.pass(time); }

  // Request n of the transcript.
  fakes::FakeRequest& request(std::size_t n) { return client.at(first_ + n - 1); }
  std::size_t requests() const { return client.count() - first_; }
  // Complete responses; then a turn.
  void json(std::size_t n, std::string_view body, int status = 200);
  void reply(std::size_t n, int status, std::string_view media_type = "",
             std::string_view body = "", const std::vector<http::Header>& fields = {});
  // Opens an event stream with these messages; it stays open.
  void stream(std::size_t n, std::string_view events);
  void more(std::size_t n, std::string_view events);
  void end(std::size_t n);
  void fail(std::size_t n, base::Kind kind, bool body_left = true);

  // What has passed since the last call.
  std::string transcript();
  void forget() { static_cast<void>(transcript()); }
  // Forgets, and counts requests from 1 again.
  void restart_count();

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  fakes::FakeOutput output;
  FakeAuthorizer authorizer;
  Session session;
  Upstream upstream;
  RetryBudget budget;
  Call::Context context;
  int idle = 0;
  int incompatible = 0;
  Router router;

 private:
  void note_request(fakes::FakeRequest& request);
  void note_line(std::string_view line);
  std::size_t number_of(const fakes::FakeRequest& request);

  rpc::Lines lines_;
  std::string transcript_;
  std::size_t first_ = 0;
};

// `{"id":1}` -> `{"jsonrpc":"2.0","id":1}`, for every message in the text.
std::string full(std::string_view text);
// The opposite.
std::string brief(std::string_view text);
// One server-sent event with that message.
std::string event(std::string_view message);

inline constexpr std::string_view kInitialize =
    R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})";
inline constexpr std::string_view kInitialized = R"({"method":"notifications/initialized"})";

}  // namespace dogpipe::bridge
