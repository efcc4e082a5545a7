#include "event/http_server.h"

#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>

#include "event/http_exchange.h"
#include "event/loop.h"
#include "event/poll.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const noexcept { MHD_stop_daemon(daemon); }
};
struct DestroyResponse {
  void operator()(MHD_Response* response) const noexcept { MHD_destroy_response(response); }
};
using Response = std::unique_ptr<MHD_Response, DestroyResponse>;

struct Connection final : HttpCarrier {
  Connection(HttpServer::State& of, MHD_Connection* handle);

  void suspend() override;
  void resume() override;
  void shut() override;
  void reset() override;
  // Whether the client has gone, seen while libmicrohttpd does not look.
  void watch(bool on);
  void look();
  void finish();

  HttpServer::State& server;
  MHD_Connection* mhd;
  int fd;
  bool served = false;   // a request, already
  bool leaving = false;  // shut, not yet gone
  Timer deadline;
  std::unique_ptr<Poll> poll;
  std::unique_ptr<HttpExchange> exchange;
  std::list<Connection>::iterator place;
};

}  // namespace

struct HttpServer::State {
  State(UvLoop& on, const HttpLimits& bounds, Handler answerer)
      : loop(on), limits(bounds), handler(std::move(answerer)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  base::Result<void> start(ListenSocket socket);
  void pump();
  void dispatch();
  void tell_sent();
  void make_room();

  UvLoop& loop;
  HttpLimits limits;
  Handler handler;
  std::uint16_t port = 0;
  std::list<Connection> connections;       // the oldest first
  std::deque<HttpExchange*> asked;         // whole requests that the handler has not seen
  std::deque<std::function<void()>> sent;  // to be told that their reply has left
  Deferred pump_soon{loop, [this] { pump(); }};
  Deferred dispatch_soon{loop, [this] { dispatch(); }};
  Deferred tell_sent_soon{loop, [this] { tell_sent(); }};
  Timer wake{loop, [this] { pump(); }};
  std::unique_ptr<MHD_Daemon, StopDaemon> daemon;
  std::unique_ptr<Poll> poll;  // on the daemon's epoll descriptor, so it goes first
};

namespace {

Connection::Connection(HttpServer::State& of, MHD_Connection* handle)
    : server(of),
      mhd(handle),
      fd(MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd),
      deadline(of.loop, [this] { shut(); }) {
  deadline.start(server.limits.request_time);
}

void Connection::suspend() {
  MHD_suspend_connection(mhd);
  watch(true);
}

void Connection::resume() {
  watch(false);
  MHD_resume_connection(mhd);
  server.pump_soon.schedule();
}

void Connection::shut() {
  leaving = true;
  ::shutdown(fd, SHUT_RDWR);
}

void Connection::reset() {
  // Dissolving the association of a connected TCP socket sends a reset (Linux).
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  static_cast<void>(::connect(fd, &nowhere, sizeof nowhere));
}

void Connection::finish() {
  std::erase(server.asked, exchange.get());
  exchange.reset();
}

void Connection::watch(bool on) {
  if (on && !poll) {
    auto made = Poll::make(server.loop, fd, [this](unsigned, bool) { look(); });
    if (!made) return;
    poll = *std::move(made);
  }
  if (poll) poll->watch(on ? unsigned{kReadable} : 0u);
}

void Connection::look() {
  char byte;
  const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return poll->watch(0);  // the next request, early: its sender shows by writing only
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  exchange->cut();
}

// libmicrohttpd's callbacks. None may throw, and none runs code of a user.

Connection& connection_of(MHD_Connection* mhd) {
  return *static_cast<Connection*>(
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

void on_connection(void* self, MHD_Connection* mhd, void** context,
                   MHD_ConnectionNotificationCode code) noexcept {
  auto& server = *static_cast<HttpServer::State*>(self);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    if (server.connections.size() >= server.limits.connections) server.make_room();
    Connection& made = server.connections.emplace_back(server, mhd);
    made.place = std::prev(server.connections.end());
    *context = &made;
  } else if (*context != nullptr) {
    auto& connection = *static_cast<Connection*>(*context);
    connection.finish();
    server.connections.erase(connection.place);
    *context = nullptr;
  }
}

// The request line has been read.
void* on_target(void*, const char* target, MHD_Connection* mhd) noexcept {
  Connection& connection = connection_of(mhd);
  connection.exchange = std::make_unique<HttpExchange>(connection, target);
  // The first request's time runs from the connection on.
  if (connection.served) connection.deadline.start(connection.server.limits.request_time);
  return connection.exchange.get();
}

void on_completed(void*, MHD_Connection* mhd, void** exchange,
                  MHD_RequestTerminationCode how) noexcept {
  if (*exchange == nullptr) return;
  *exchange = nullptr;
  Connection& connection = connection_of(mhd);
  if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK && connection.exchange->sent_all) {
    connection.server.sent.push_back(std::move(connection.exchange->sent_all));
    connection.server.tell_sent_soon.schedule();
  }
  connection.finish();
  connection.served = true;
  connection.deadline.start(connection.server.limits.idle_time);
}

MHD_Result add_field(void* fields, MHD_ValueKind, const char* name, const char* value) {
  static_cast<HttpFields*>(fields)->add(name, value == nullptr ? "" : value);
  return MHD_YES;
}

MHD_Result refuse(MHD_Connection* mhd, unsigned status) {
  const Response empty(MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
  MHD_add_response_header(empty.get(), "Connection", "close");
  return MHD_queue_response(mhd, status, empty.get());
}

// RFC 9112 sections 3.2 and 6.3: 0, or the status to refuse this head with.
unsigned fault_of_head(const HttpFields& fields, std::size_t body_limit) {
  if (fields.count("Host") != 1 || fields.find("Host")->empty()) return 400;
  const std::size_t lengths = fields.count("Content-Length");
  const std::size_t codings = fields.count("Transfer-Encoding");
  if (lengths + codings > 1) return 400;
  if (codings == 1 && !same_field(*fields.find("Transfer-Encoding"), "chunked")) return 501;
  if (lengths == 0) return 0;
  const std::string length(*fields.find("Content-Length"));
  if (length.empty() || length.find_first_not_of("0123456789") != std::string::npos) return 400;
  return length.size() > 18 || std::stoull(length) > body_limit ? 413 : 0;
}

ssize_t on_read(void* exchange, std::uint64_t, char* into, std::size_t room) noexcept {
  const ssize_t got = static_cast<HttpExchange*>(exchange)->read(into, room);
  if (got == HttpExchange::kEnd) return MHD_CONTENT_READER_END_OF_STREAM;
  if (got == HttpExchange::kCut) return MHD_CONTENT_READER_END_WITH_ERROR;
  return got;
}

Response whole_response(std::string body) {
  auto owned = std::make_unique<std::string>(std::move(body));
  Response made(MHD_create_response_from_buffer_with_free_callback_cls(
      owned->size(), owned->data(), [](void* text) { delete static_cast<std::string*>(text); },
      owned.get()));
  if (made) static_cast<void>(owned.release());  // libmicrohttpd deletes it
  return made;
}

Response make_response(HttpExchange& exchange) {
  const bool streams = exchange.stage == HttpExchange::Stage::streaming;
  const auto promised = exchange.reply.promised_bytes;
  if (!streams && !promised) return whole_response(std::move(exchange.reply.body));
  return Response(MHD_create_response_from_callback(promised ? *promised : MHD_SIZE_UNKNOWN,
                                                    16u << 10, &on_read, &exchange, nullptr));
}

MHD_Result send_reply(MHD_Connection* mhd, HttpExchange& exchange) {
  if (!exchange.replied()) return MHD_NO;  // cut: closes without a byte
  const Response response = make_response(exchange);
  if (!response) return MHD_NO;
  for (const auto& [name, value] : exchange.reply.fields) {
    MHD_add_response_header(response.get(), name.c_str(), value.c_str());
  }
  return MHD_queue_response(mhd, static_cast<unsigned>(exchange.reply.status), response.get());
}

MHD_Result on_request(void* self, MHD_Connection* mhd, const char*, const char* method, const char*,
                      const char* data, std::size_t* size, void** context) try {
  auto& server = *static_cast<HttpServer::State*>(self);
  auto& exchange = *static_cast<HttpExchange*>(*context);
  HttpRequest& request = exchange.request;
  if (!std::exchange(exchange.head_seen, true)) {
    request.method = method;
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, &add_field, &request.fields);
    const unsigned fault = fault_of_head(request.fields, server.limits.body_bytes);
    return fault == 0 ? MHD_YES : refuse(mhd, fault);
  }
  if (*size > 0) {
    if (request.body.size() + *size > server.limits.body_bytes) return MHD_NO;
    request.body.append(data, std::exchange(*size, 0));
    return MHD_YES;
  }
  if (exchange.stage != HttpExchange::Stage::reading) return send_reply(mhd, exchange);
  connection_of(mhd).deadline.stop();
  exchange.stage = HttpExchange::Stage::asked;
  exchange.suspend();
  server.asked.push_back(&exchange);
  server.dispatch_soon.schedule();
  return MHD_YES;
} catch (...) {
  return MHD_NO;
}

}  // namespace

base::Result<void> HttpServer::State::start(ListenSocket socket) {
  port = socket.port();
  const int listener = socket.release();
  // Its own limit is never reached: at that point it would stop to accept, and a few slow clients
  // would keep everybody out.
  daemon.reset(MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, &on_request, this,  //
      MHD_OPTION_LISTEN_SOCKET, listener,                                                //
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(limits.connections + 64),       //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.head_bytes,                             //
      MHD_OPTION_CONNECTION_TIMEOUT, 0u,                                                 //
      MHD_OPTION_STRICT_FOR_CLIENT, 1,                                                   //
      MHD_OPTION_URI_LOG_CALLBACK, &on_target, this,                                     //
      MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this,                                  //
      MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this, MHD_OPTION_END));
  if (!daemon) return base::Error{base::Kind::file, "the HTTP server did not start"};
  const auto* info = MHD_get_daemon_info(daemon.get(), MHD_DAEMON_INFO_EPOLL_FD);
  auto made = Poll::make(loop, info->epoll_fd, [this](unsigned, bool) { pump(); });
  if (!made) return std::move(made).error();
  poll = *std::move(made);
  poll->watch(kReadable);
  return {};
}

HttpServer::State::~State() {
  poll.reset();
  // libmicrohttpd aborts the program when it is stopped with suspended connections.
  for (Connection& connection : connections) {
    if (connection.exchange) {
      connection.exchange->disown();
      connection.exchange->cut();
    }
    connection.poll.reset();
  }
  daemon.reset();
}

void HttpServer::State::pump() {
  MHD_run(daemon.get());
  MHD_UNSIGNED_LONG_LONG wait_ms = 0;
  if (MHD_get_timeout(daemon.get(), &wait_ms) == MHD_NO) return wake.stop();
  if (wait_ms == 0) return pump_soon.schedule();
  wake.start(std::chrono::milliseconds(wait_ms));
}

void HttpServer::State::dispatch() {
  if (asked.empty()) return;
  HttpExchange& exchange = *asked.front();
  asked.pop_front();
  if (!asked.empty()) dispatch_soon.schedule();
  HttpAnswer answer(std::make_unique<HttpAnswer::Hold>(loop, exchange));
  const Handler call = handler;  // a copy: it may destroy the server
  call(std::move(exchange.request), std::move(answer));
}

void HttpServer::State::tell_sent() {
  if (sent.empty()) return;
  const auto tell = std::move(sent.front());
  sent.pop_front();
  if (!sent.empty()) tell_sent_soon.schedule();
  tell();
}

void HttpServer::State::make_room() {
  const auto owed_nothing = [](const Connection& connection) {
    return !connection.leaving &&
           (!connection.exchange || connection.exchange->stage == HttpExchange::Stage::reading);
  };
  const auto staying = [](const Connection& connection) { return !connection.leaving; };
  auto oldest = std::find_if(connections.begin(), connections.end(), owed_nothing);
  if (oldest == connections.end()) {
    oldest = std::find_if(connections.begin(), connections.end(), staying);
  }
  if (oldest == connections.end()) return;
  if (oldest->exchange) oldest->exchange->cut();
  oldest->shut();
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::make(UvLoop& loop, ListenSocket socket,
                                                           const HttpLimits& limits,
                                                           Handler handler) {
  auto state = std::make_unique<State>(loop, limits, std::move(handler));
  if (auto started = state->start(std::move(socket)); !started) return std::move(started).error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const { return state_->port; }
std::size_t HttpServer::connections() const { return state_->connections.size(); }

}  // namespace dogpipe::event
