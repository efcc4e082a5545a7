#include "floor_relay.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr long kBufferBytes = 256 << 10;
constexpr long kKeptConnections = 1024;
constexpr long kMostStreams = 1024;
constexpr long kMostH2Connections = 4;

}  // namespace

Relay::Relay(FloorOptions options)
    : options_{std::move(options)}, multi_{curl_multi_init()}, room_(kReadBytes) {
  uv_loop_init(&loop_);
  uv_timer_init(&loop_, &timer_);
  timer_.data = this;
  // One write per turn, right before the loop goes to sleep, for all that came in during it.
  uv_prepare_init(&loop_, &before_poll_);
  before_poll_.data = this;
  uv_prepare_start(&before_poll_, [](uv_prepare_t* handle) noexcept {
    static_cast<Relay*>(handle->data)->output_.flush();
  });

  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, want_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, want_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
  curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, kMostStreams);
  // Once a connection has all the streams it may have, libcurl would open one for each further
  // request. Left without a limit in HTTP/1.1, where that is just what is needed.
  const bool h2 = options_.url.starts_with("https:") && !options_.http1;
  if (h2) curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kMostH2Connections);

  for (const char* line : {"Content-Type: application/json",
                           "Expect:", "Accept: application/json, text/event-stream"}) {
    headers_ = curl_slist_append(headers_, line);
  }
}

Relay::~Relay() {
  for (const auto& transfer : transfers_) {
    curl_multi_remove_handle(multi_, transfer->easy);
    curl_easy_cleanup(transfer->easy);
  }
  curl_multi_cleanup(multi_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(session_headers_);
}

int Relay::run() {
  if (uv_poll_init(&loop_, &stdin_poll_, STDIN_FILENO) != 0) {
    std::fprintf(stderr, "bench-floor: standard input must be a pipe or a socket\n");
    return 1;
  }
  stdin_poll_.data = this;
  uv_poll_start(&stdin_poll_, UV_READABLE, on_stdin);
  uv_run(&loop_, UV_RUN_DEFAULT);
  output_.flush();
  return failures_ == 0 ? 0 : 1;
}

void Relay::on_stdin(uv_poll_t* handle, int, int) noexcept {
  static_cast<Relay*>(handle->data)->read_stdin();
}

// One read may start many requests; libcurl is then run once for all of them.
void Relay::read_stdin() {
  const auto got = ::read(STDIN_FILENO, room_.data(), room_.size());
  if (got <= 0) {
    uv_poll_stop(&stdin_poll_);
    input_ended_ = true;
    return stop_if_done();
  }
  std::string_view rest{room_.data(), static_cast<std::size_t>(got)};
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (unfinished_line_.empty()) {
      send(rest.substr(0, end));
    } else {
      send(unfinished_line_.append(rest.substr(0, end)));
      unfinished_line_ = {};
    }
    rest.remove_prefix(end + 1);
  }
  unfinished_line_.append(rest);
  settle();
}

void Relay::send(std::string_view line) {
  auto& transfer = idle_.empty() ? make_transfer() : *idle_.back();
  if (!idle_.empty()) idle_.pop_back();
  transfer.request = line;
  transfer.kind = Transfer::Kind::unseen;
  transfer.events.restart();
  if (!transfer.knows_session && session_headers_ != nullptr) {
    curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, session_headers_);
    transfer.knows_session = true;
  }
  curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, transfer.request.data());
  curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(transfer.request.size()));
  curl_multi_add_handle(multi_, transfer.easy);
}

Relay::Transfer& Relay::make_transfer() {
  auto& transfer = *transfers_.emplace_back(std::make_unique<Transfer>());
  transfer.relay = this;
  auto* easy = transfer.easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   options_.http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
  if (!options_.ca_cert.empty() || !options_.ca_path.empty()) {
    // The one not given must be unset, or the built-in bundle is loaded as well (17 ms).
    const auto or_null = [](const std::string& text) {
      return text.empty() ? nullptr : text.c_str();
    };
    curl_easy_setopt(easy, CURLOPT_CAINFO, or_null(options_.ca_cert));
    curl_easy_setopt(easy, CURLOPT_CAPATH, or_null(options_.ca_path));
  }
  return transfer;
}

// Bytes go on as they come; no answer is ever held as a whole.
std::size_t Relay::take_body(char* data, std::size_t, std::size_t size,
                             void* transfer_pointer) noexcept {
  auto& transfer = *static_cast<Transfer*>(transfer_pointer);
  auto& relay = *transfer.relay;
  if (transfer.kind == Transfer::Kind::unseen) relay.see_headers(transfer);
  if (transfer.kind == Transfer::Kind::events) {
    transfer.events.feed({data, size}, transfer.source, relay.output_);
  } else {
    relay.output_.add(transfer.source, {data, size}, false);
  }
  return size;
}

// At the first byte of a body all headers are known: the type of the answer, and with the very
// first answer the session that all later requests name.
void Relay::see_headers(Transfer& transfer) {
  const char* type = nullptr;
  curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_TYPE, &type);
  const bool events = type != nullptr && std::strncmp(type, "text/event-stream", 17) == 0;
  transfer.kind = events ? Transfer::Kind::events : Transfer::Kind::json;
  if (session_headers_ != nullptr) return;
  curl_header* session = nullptr;
  if (curl_easy_header(transfer.easy, "mcp-session-id", 0, CURLH_HEADER, -1, &session) !=
      CURLHE_OK) {
    return;
  }
  for (const auto* line = headers_; line != nullptr; line = line->next) {
    session_headers_ = curl_slist_append(session_headers_, line->data);
  }
  const auto line = std::string{"Mcp-Session-Id: "} + session->value;
  session_headers_ = curl_slist_append(session_headers_, line.c_str());
  session_headers_ = curl_slist_append(session_headers_, "MCP-Protocol-Version: 2025-06-18");
}

int Relay::want_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
  auto& relay = *static_cast<Relay*>(self);
  const auto index = static_cast<std::size_t>(socket);
  if (index >= relay.watches_.size()) relay.watches_.resize(index + 1);
  auto*& watch = relay.watches_[index];
  if (what == CURL_POLL_REMOVE) {
    // Epoll is not told: the connection is likely to be used again, with the same wish.
    if (watch != nullptr) watch->wanted = 0;
    return 0;
  }
  if (watch == nullptr) {
    watch = new Watch{{}, &relay, socket, 0, 0};
    uv_poll_init_socket(&relay.loop_, &watch->poll, socket);
    watch->poll.data = watch;
  }
  watch->wanted = ((what & CURL_POLL_IN) != 0 ? int{UV_READABLE} : 0) |
                  ((what & CURL_POLL_OUT) != 0 ? int{UV_WRITABLE} : 0);
  if (watch->wanted != watch->watched) uv_poll_start(&watch->poll, watch->wanted, on_ready);
  watch->watched = watch->wanted;
  return 0;
}

void Relay::on_ready(uv_poll_t* handle, int status, int events) noexcept {
  auto& watch = *static_cast<Watch*>(handle->data);
  if (watch.wanted == 0) {
    // An idle connection spoke, or ended. libcurl finds out when it takes it up again.
    uv_poll_stop(handle);
    watch.watched = 0;
    return;
  }
  int mask = status < 0 ? CURL_CSELECT_ERR : 0;
  if ((events & UV_READABLE) != 0) mask |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) mask |= CURL_CSELECT_OUT;
  watch.relay->act(watch.socket, mask);
}

int Relay::close_socket(void* self, curl_socket_t socket) noexcept {
  auto& relay = *static_cast<Relay*>(self);
  const auto index = static_cast<std::size_t>(socket);
  if (index < relay.watches_.size() && relay.watches_[index] != nullptr) {
    const auto close = reinterpret_cast<uv_handle_t*>(&relay.watches_[index]->poll);
    uv_close(close, [](uv_handle_t* handle) noexcept { delete static_cast<Watch*>(handle->data); });
    relay.watches_[index] = nullptr;
  }
  return ::close(socket);
}

int Relay::want_timer(CURLM*, long milliseconds, void* self) noexcept {
  auto& relay = *static_cast<Relay*>(self);
  relay.timer_is_due_ = milliseconds == 0;
  if (milliseconds > 0) {
    uv_timer_start(&relay.timer_, on_timer, static_cast<std::uint64_t>(milliseconds), 0);
  } else {
    uv_timer_stop(&relay.timer_);
  }
  return 0;
}

void Relay::on_timer(uv_timer_t* handle) noexcept {
  static_cast<Relay*>(handle->data)->act(CURL_SOCKET_TIMEOUT, 0);
}

void Relay::act(curl_socket_t socket, int mask) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, mask, &running);
  settle();
}

// A timer of 0 ms means "call me again": done here, in the same turn, instead of by the loop.
// Taking a finished handle off can set it as well, for one that waited for its connection.
void Relay::settle() {
  constexpr int kMostRepeats = 64;
  int repeats = 0;
  do {
    if (std::exchange(timer_is_due_, false)) {
      int running = 0;
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    take_finished();
  } while (timer_is_due_ && ++repeats < kMostRepeats);
  if (timer_is_due_) uv_timer_start(&timer_, on_timer, 0, 0);
  stop_if_done();
}

void Relay::take_finished() {
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left)) {
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finish(*transfer, message->data.result);
  }
}

void Relay::finish(Transfer& transfer, CURLcode code) {
  curl_multi_remove_handle(multi_, transfer.easy);
  if (code != CURLE_OK) {
    ++failures_;
    std::fprintf(stderr, "bench-floor: %s\n", curl_easy_strerror(code));
  } else if (transfer.kind == Transfer::Kind::json) {
    output_.add(transfer.source, {}, true);
  }
  idle_.push_back(&transfer);
}

void Relay::stop_if_done() {
  if (input_ended_ && idle_.size() == transfers_.size()) uv_stop(&loop_);
}

}  // namespace bench
