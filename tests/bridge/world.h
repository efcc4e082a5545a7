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

#include "bridge/era_store.h"
#include "bridge/router.h"
#include "bridge/upstream.h"
#include "fake_authorizer.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"
#include "wire_text.h"

namespace dogpipe::bridge {

// What earlier processes have found out; the test looks at what is added.
class FakeEraStore final : public EraStore {
 public:
  std::optional<EraRecord> load() override { return record; }
  void save(const EraRecord& changed) override { record = changed; }

  std::optional<EraRecord> record;
};

class World {
 public:
  struct Settings {
    ServerEra era = ServerEra::legacy;  // as known from earlier
    EraPolicy policy;
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
  RetryBudget budget;
  FakeEraStore eras;
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

inline constexpr std::string_view kInitialize =
    R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})";
inline constexpr std::string_view kInitialized = R"({"method":"notifications/initialized"})";

}  // namespace dogpipe::bridge
