#include "http/curl_client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "event/loop.h"
#include "event/uv_loop.h"
#include "http/curl_easy.h"
#include "http/curl_error.h"
#include "http/curl_sockets.h"

namespace dogpipe::http {
namespace {

using std::chrono::milliseconds;

// Browsers' 6 would make a hundred parallel calls wait in line. Beyond this requests that may wait
// do; the others have connections in reserve.
constexpr long kMostConnections = 128;
constexpr long kReservedConnections = 64;
// With HTTP/2 one connection carries them all. When it has as many streams as the server allows,
// libcurl would open a connection for each further request; few are enough.
constexpr long kMostHttp2Connections = 4;
constexpr long kMostStreams = 1000;
constexpr std::size_t kMostIdleHandles = 64;
// After more than this at once, and some quiet, the memory of the burst is given back.
constexpr std::size_t kBurst = 32;
constexpr std::size_t kQuietHandles = 8;
constexpr std::chrono::seconds kQuiet{2};

}  // namespace

struct CurlClient::State {
  State(event::UvLoop& uv_loop, Network settings)
      : loop(uv_loop),
        network(std::move(settings)),
        sockets(uv_loop, [this](curl_socket_t socket, int events) { act(socket, events); }),
        kick(uv_loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
        timeout(uv_loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
        housekeeping(uv_loop, [this] { keep_house(); }),
        go_on(uv_loop, [this] { resume_paused(); }),
        quiet(uv_loop, [this] { end_burst(); }) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (Easy* easy : active) curl_multi_remove_handle(multi.get(), easy->handle());
    active.clear();
    waiting.clear();
    doomed.clear();
    finished.clear();
    diagnosing.clear();
    idle.clear();
    multi.reset();  // closes the connections left, which clears `sockets`
  }

  base::Result<void> open(const std::string& url);
  EasySettings easy_settings() { return {network, trust, held, on_close, this}; }
  std::unique_ptr<Easy> take_handle();
  void start(Easy& easy);
  void stop(std::unique_ptr<Easy> easy);
  void act(curl_socket_t socket, int events);
  void read_results();
  void finish(Easy& easy, CURLcode code);
  void keep_house();
  void report_finished();
  void diagnose(Easy& easy, End end);
  void end_diagnosis(Easy& probe);
  void set_held(bool on);
  void resume_paused();
  void end_burst();
  void want_timer(long after_ms);

  static int on_close(void* self, curl_socket_t socket);

  struct Finished {
    Easy* easy;
    End end;
  };
  // A connection opened only to read the certificate that was not trusted.
  struct Diagnosis {
    std::unique_ptr<Easy> probe;
    Easy* easy;
    End end;
  };

  event::UvLoop& loop;
  Network network;
  TrustSource trust;
  std::optional<base::Error> unusable;  // why open() failed: the outcome of every request
  MultiHandle multi;
  CurlSockets sockets;
  std::vector<Easy*> active;                  // added to `multi`
  std::vector<Easy*> waiting;                 // to be added
  std::vector<std::unique_ptr<Easy>> doomed;  // to be removed
  std::vector<Finished> finished;             // to be reported
  std::vector<Diagnosis> diagnosing;
  std::vector<std::unique_ptr<Easy>> idle;
  event::Deferred kick;
  event::Timer timeout;
  event::Deferred housekeeping;
  event::Deferred go_on;
  event::Timer quiet;
  bool burst = false;
  bool opened = false;
  bool held = false;
  base::Time held_since;
  bool http2 = false;  // spoken by the server, as far as is known
  long crowd = 0;      // active requests that may wait
};

namespace {

class CurlTransfer final : public Transfer {
 public:
  using Stop = std::function<void(std::unique_ptr<Easy>)>;

  CurlTransfer(std::unique_ptr<Easy> easy, Stop stop)
      : easy_(std::move(easy)), stop_(std::move(stop)) {}
  ~CurlTransfer() override {
    easy_->detach();
    stop_(std::move(easy_));
  }

  bool body_left() const override { return easy_->body_left(); }

 private:
  std::unique_ptr<Easy> easy_;
  Stop stop_;
};

}  // namespace

CurlClient::CurlClient(event::UvLoop& loop, Network network)
    : state_(std::make_unique<State>(loop, std::move(network))) {}

CurlClient::~CurlClient() = default;

std::unique_ptr<Transfer> CurlClient::send(Request request, Receiver& receiver) {
  State& state = *state_;
  // At the first request, not at the start: a host that only says hello waits for nothing.
  if (!std::exchange(state.opened, true)) {
    if (auto opened = state.open(request.url); !opened) state.unusable = std::move(opened).error();
  }
  auto easy = state.take_handle();
  easy->prepare(std::move(request), receiver);
  Easy& started = *easy;
  auto transfer = std::make_unique<CurlTransfer>(
      std::move(easy), [&state](std::unique_ptr<Easy> done) { state.stop(std::move(done)); });
  state.start(started);
  return transfer;
}

void CurlClient::hold() { state_->set_held(true); }

void CurlClient::release() { state_->set_held(false); }

void CurlClient::State::set_held(bool on) {
  if (std::exchange(held, on) == on) return;
  if (on) held_since = loop.now();
  sockets.hold(held);
  if (!held) go_on.schedule();
  if (on) return;
  for (const auto* easies : {&active, &waiting}) {
    for (Easy* easy : *easies) easy->forgive(loop.now() - held_since);
  }
}

// Not reading its socket does not stop libcurl: it looks at sockets on timers of its own as well.
// So a transfer that gets data while we are held is paused, and libcurl keeps that one piece.
void CurlClient::State::resume_paused() {
  for (Easy* easy : std::vector<Easy*>(active)) {
    if (held) return;
    easy->resume();
  }
}

base::Result<void> CurlClient::State::open(const std::string& url) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi.reset(curl_multi_init());
  CURLM* handle = multi.get();
  curl_multi_setopt(handle, CURLMOPT_MAX_HOST_CONNECTIONS, kMostConnections + kReservedConnections);
  curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS, kMostConnections);
  curl_multi_setopt(handle, CURLMOPT_MAX_CONCURRENT_STREAMS, kMostStreams);
  curl_multi_setopt(handle, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      handle, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long after_ms, void* self) -> int {
        static_cast<State*>(self)->want_timer(after_ms);
        return 0;
      });
  curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      handle, CURLMOPT_SOCKETFUNCTION,
      +[](CURL*, curl_socket_t number, int what, void* self, void*) -> int {
        static_cast<State*>(self)->sockets.want(number, what);
        return 0;
      });
  if (url.compare(0, 5, "http:") == 0) return {};  // no TLS, nobody to trust
  auto found = find_trust(network.trust);
  if (!found) return std::move(found).error();
  trust = std::move(*found);
  return {};
}

std::unique_ptr<Easy> CurlClient::State::take_handle() {
  if (idle.empty()) {
    auto made = std::make_unique<Easy>(loop, easy_settings());
    Easy* easy = made.get();
    made->on_impatient = [this, easy] { finish(*easy, CURLE_OPERATION_TIMEDOUT); };
    return made;
  }
  auto easy = std::move(idle.back());
  idle.pop_back();
  return easy;
}

// Adding and removing handles waits for a turn of its own: libcurl forbids both in its callbacks,
// from which requests are started and dropped.
void CurlClient::State::start(Easy& easy) {
  if (unusable) {
    finished.push_back({&easy, End{unusable, false}});
  } else {
    waiting.push_back(&easy);
  }
  housekeeping.schedule();
}

void CurlClient::State::stop(std::unique_ptr<Easy> easy) {
  const auto is_it = [&](const auto& at) { return at.easy == easy.get(); };
  waiting.erase(std::remove(waiting.begin(), waiting.end(), easy.get()), waiting.end());
  finished.erase(std::remove_if(finished.begin(), finished.end(), is_it), finished.end());
  for (Diagnosis& diagnosis : diagnosing) {
    if (is_it(diagnosis)) diagnosis.easy = nullptr;
  }
  doomed.push_back(std::move(easy));
  housekeeping.schedule();
}

void CurlClient::State::keep_house() {
  for (auto& easy : std::exchange(doomed, {})) {
    const auto at = std::find(active.begin(), active.end(), easy.get());
    if (at != active.end()) {
      active.erase(at);
      curl_multi_remove_handle(multi.get(), easy->handle());
      if (easy->request().may_wait) --crowd;
    }
    easy->release();
    if (idle.size() < kMostIdleHandles) idle.push_back(std::move(easy));
  }
  for (Easy* easy : std::exchange(waiting, {})) {
    if (easy->request().may_wait) {
      if (!http2 && crowd >= kMostConnections) {
        waiting.push_back(easy);
        continue;
      }
      ++crowd;
    }
    active.push_back(easy);
    curl_multi_add_handle(multi.get(), easy->handle());
  }
  if (active.size() > kBurst) burst = true;
  if (burst && active.size() <= kQuietHandles) quiet.start(kQuiet);
  report_finished();
}

void CurlClient::State::end_burst() {
  if (active.size() > kQuietHandles) return;  // the next lull will be noticed too
  burst = false;
  if (idle.size() > kQuietHandles) idle.resize(kQuietHandles);
  base::give_back_memory();
}

void CurlClient::State::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi.get(), socket, events, &running);
  read_results();
}

void CurlClient::State::read_results() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    finish(Easy::of(message->easy_handle), message->data.result);
  }
}

void CurlClient::State::finish(Easy& easy, CURLcode code) {
  for (Diagnosis& diagnosis : diagnosing) {
    if (diagnosis.probe.get() == &easy) return end_diagnosis(easy);
  }
  if (easy.receiver() == nullptr) return;  // dropped meanwhile
  if (code == CURLE_OK && !http2 && easy.used_http2()) {
    http2 = true;
    curl_multi_setopt(multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, kMostHttp2Connections);
  }
  End end = easy.end(code);
  if (easy.distrusted(code)) return diagnose(easy, std::move(end));
  finished.push_back({&easy, std::move(end)});
  housekeeping.schedule();
}

void CurlClient::State::report_finished() {
  // One at a time: a receiver may drop others that are in the list.
  while (!finished.empty()) {
    const Finished next = std::move(finished.front());
    finished.erase(finished.begin());
    if (Receiver* receiver = next.easy->receiver()) {
      next.easy->detach();
      receiver->on_end(next.end);
    }
  }
}

// Nothing but the handshake goes over this connection: no request, no credential.
void CurlClient::State::diagnose(Easy& easy, End end) {
  auto probe = std::make_unique<Easy>(loop, easy_settings());
  CURL* handle = probe->handle();
  curl_easy_setopt(handle, CURLOPT_URL, easy.request().url.c_str());
  curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
  diagnosing.push_back({std::move(probe), &easy, std::move(end)});
  curl_multi_add_handle(multi.get(), handle);
}

void CurlClient::State::end_diagnosis(Easy& probe) {
  const auto at = std::find_if(diagnosing.begin(), diagnosing.end(),
                               [&](const auto& one) { return one.probe.get() == &probe; });
  Diagnosis done = std::move(*at);
  diagnosing.erase(at);
  done.end.error->what += describe_certificate(probe.handle());
  curl_multi_remove_handle(multi.get(), probe.handle());
  if (done.easy == nullptr) return;
  finished.push_back({done.easy, std::move(done.end)});
  housekeeping.schedule();
}

// libcurl asks for 0 ms whenever there is something to do at once, which is for every request: that
// is served in the same turn, without going through a timer.
void CurlClient::State::want_timer(long after_ms) {
  timeout.stop();
  kick.cancel();
  if (after_ms == 0) {
    kick.schedule();
  } else if (after_ms > 0) {
    timeout.start(milliseconds(after_ms));
  }
}

int CurlClient::State::on_close(void* self, curl_socket_t socket) {
  static_cast<State*>(self)->sockets.closed(socket);  // before the number can be given out again
  return ::close(socket);
}

}  // namespace dogpipe::http
