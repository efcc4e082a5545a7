// A ModernServer whose network and whose user are played by the test, and the transcript of all
// that passes.
//
// Lines of the transcript, `"jsonrpc":"2.0",` left out everywhere, and the modern names in short
// (see modern()):
//   #2 POST 2026-07-28 tools/call echo {...}  a request: its revision, method and name as fields
//   #3 POST session ...                       ... with what this era does not have
//   #2 cancelled                              the bridge has let go of it before its end
//   7 < {...}                                 a message on the stream of request 7
//   = {...}                                   an answer; with its status, if that is not 200
//   ! 7: -31009 outcome_unknown ...           a failure; of notifications with `-`
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/modern_server.h"
#include "fake_authorizer.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "wire_text.h"

namespace dogpipe::bridge {

class ModernWorld final : private Server::Listener {
 public:
  struct Settings {
    bool trust_hints = true;
    std::size_t longest_message = 1 << 20;
    http::Patience patience = {};
    std::vector<http::Header> fields = {};
  };

  ModernWorld() : ModernWorld(Settings()) {}
  explicit ModernWorld(const Settings& settings);
  ~ModernWorld() { client.on_cancel = nullptr; }

  // A message of the host, in short; then a turn.
  void host(std::string_view line);
  void cancel(std::string_view raw_id);
  void turn() { loop.turn(); }
  void pass(base::Duration time) { loop.pass(time); }

  // Request n of the transcript.
  fakes::FakeRequest& request(std::size_t n) { return client.at(n - 1); }
  std::size_t requests() const { return client.count(); }
  // The fields of this message alone.
  std::string own_fields(std::size_t n);
  // Complete responses; then a turn.
  void json(std::size_t n, std::string_view body, int status = 200);
  void reply(std::size_t n, int status, std::string_view media_type = "",
             std::string_view body = "", const std::vector<http::Header>& fields = {});
  // Opens an event stream with this message; it stays open.
  void stream(std::size_t n, std::string_view message);
  void more(std::size_t n, std::string_view message);
  void end(std::size_t n);
  void fail(std::size_t n, base::Kind kind, bool body_left = true);

  // What has passed since the last call.
  std::string transcript();
  void forget() { static_cast<void>(transcript()); }

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  FakeAuthorizer authorizer;
  RetryBudget budget;
  Mint mint;  // "m1", "m2", ...
  int idle = 0;
  // Called within on_message() and on_answer().
  std::function<void()> on_report;
  ModernServer server;

 private:
  void on_message(std::string_view raw_id, Message& message) override;
  void on_answer(const Request& request, Message& message, int status) override;
  void on_failure(const Request& request, const Failure& failure) override;
  void on_idle() override { ++idle; }

  void note_request(fakes::FakeRequest& request);
  std::size_t number_of(const fakes::FakeRequest& request);

  std::string transcript_;
};

// `"_meta":$M` -> the metadata of revision 2026-07-28, `$S` -> the name of the subscription's id,
// and the "jsonrpc" of each message.
std::string modern(std::string_view text);
// The opposite.
std::string modern_brief(std::string_view text);

inline constexpr std::string_view kAck = "notifications/subscriptions/acknowledged";

}  // namespace dogpipe::bridge
