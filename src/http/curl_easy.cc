#include "http/curl_easy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.h"
#include "http/address.h"
#include "http/curl_error.h"

namespace dogpipe::http {
namespace {

using std::chrono::milliseconds;

constexpr long kBufferBytes = 256 * 1024;
constexpr std::size_t kLongestHead = 64 * 1024;
// A response that has grown by more than this factor in decoding, and beyond this size, is no
// result.
constexpr std::uint64_t kBombRatio = 200;
constexpr std::uint64_t kBombBytes = 8u << 20;
// A dead peer is noticed by the kernel, also on a stream that may be silent for hours.
constexpr long kKeepAliveIdleSeconds = 30;
constexpr long kKeepAliveIntervalSeconds = 10;
constexpr unsigned kUnacknowledgedMilliseconds = 20'000;
// A connection that has idled longer may be gone without a word (NAT): take a new one.
constexpr long kLongestIdleSeconds = 60;

int tune_socket(void*, curl_socket_t socket, curlsocktype) {
#ifdef TCP_USER_TIMEOUT
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMilliseconds,
               sizeof kUnacknowledgedMilliseconds);
#endif
  return CURL_SOCKOPT_OK;
}

}  // namespace

Easy& Easy::of(CURL* handle) {
  void* self = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return *static_cast<Easy*>(self);
}

Easy::Easy(event::Loop& loop, const EasySettings& settings)
    : easy_(curl_easy_init()),
      network_(settings.network),
      held_(settings.held),
      loop_(loop),
      patience_(loop, [this] { look_at_patience(); }) {
  set_common(settings);
}

void Easy::set_common(const EasySettings& settings) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_says_);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  // What a URL that slipped through could reach, and what libcurl would do by itself.
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, network_.allow_http ? "https,http" : "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      static_cast<long>(network_.http1_only ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
  // Connections.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(network_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kLongestIdleSeconds);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, tune_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, settings.on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, settings.on_close_data);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_OPENSOCKETFUNCTION,
      +[](void* self, curlsocktype, curl_sockaddr* to) -> curl_socket_t {
        if (!static_cast<Easy*>(self)->may_connect_to(to->addr)) return CURL_SOCKET_BAD;
        // What we start must not inherit it.
        return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
      });
  set_security(easy, network_, settings.trust);
  // Data.
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_HEADERFUNCTION,
      +[](char* data, std::size_t size, std::size_t count, void* self) -> std::size_t {
        auto& easy_self = *static_cast<Easy*>(self);
        easy_self.take_head_line({data, size * count});
        return easy_self.refusal_ ? 0 : size * count;
      });
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION,
      +[](char* data, std::size_t size, std::size_t count, void* self) -> std::size_t {
        return static_cast<Easy*>(self)->take_data({data, size * count});
      });
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_PREREQFUNCTION, +[](void* self, char*, char*, int, int) -> int {
        return static_cast<Easy*>(self)->begin_to_send() ? CURL_PREREQFUNC_OK
                                                         : CURL_PREREQFUNC_ABORT;
      });
}

void Easy::prepare(Request request, Receiver& receiver) {
  request_ = std::move(request);
  receiver_ = &receiver;
  head_ = ResponseHead();
  head_done_ = event_stream_ = paused_ = false;
  bytes_before_.reset();
  refusal_.reset();
  not_public_ = false;
  received_bytes_ = 0;
  curl_says_[0] = '\0';
  CURL* easy = easy_.get();
  set_method(request_.method);
  if (url_in_use_ != request_.url) {
    url_in_use_ = request_.url;
    curl_easy_setopt(easy, CURLOPT_URL, url_in_use_.c_str());
  }
  if (compressed_in_use_ != request_.compressed) {
    compressed_in_use_ = request_.compressed;
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, compressed_in_use_ ? "" : nullptr);
  }
  if (headers_in_use_ != request_.headers) set_headers();
  if (request_.method == Method::post) {
    // Not copied: request_ keeps it.
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body->size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body->data());
  }
  start_patience();
}

void Easy::set_method(Method method) {
  if (method_ == method) return;
  method_ = method;
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  if (method == Method::post) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  if (method == Method::del) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
}

void Easy::set_headers() {
  headers_in_use_ = request_.headers;
  auto& prepared = headers_in_use_->prepared();
  if (!prepared) {
    // Without this libcurl asks for "100 Continue" before a body of 1 MiB, and waits for it.
    FieldList list(curl_slist_append(nullptr, "Expect:"));
    for (const Header& field : headers_in_use_->fields()) {
      // libcurl sends an empty field only when it ends in a semicolon.
      const std::string line =
          field.value.empty() ? field.name + ";" : field.name + ": " + field.value;
      curl_slist* longer = curl_slist_append(list.get(), line.c_str());
      if (longer == nullptr) break;
      static_cast<void>(list.release());  // `longer` begins with it
      list.reset(longer);
    }
    prepared = std::shared_ptr<curl_slist>(std::move(list));
  }
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, static_cast<curl_slist*>(prepared.get()));
}

void Easy::release() {
  patience_.stop();
  receiver_ = nullptr;
  request_.body.reset();
}

// Any byte of the request counts: headers and body leave together. What a proxy was asked before
// that does not.
bool Easy::body_left() const { return bytes_before_ && bytes_sent() > *bytes_before_; }

long Easy::bytes_sent() const {
  long bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  return bytes;
}

bool Easy::used_http2() const {
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_2_0;
}

void Easy::take_head_line(std::string_view line) {
  last_activity_ = loop_.now();
  head_.add_line(line);
  if (head_.size() > kLongestHead) {
    refusal_ = base::Error{base::Kind::too_large, "the response header is longer than 64 KiB"};
    return;
  }
  const bool last = line == "\r\n" || line == "\n";
  const bool interim = head_.status() >= 100 && head_.status() < 200;
  if (!last || interim || head_done_) return;
  head_done_ = true;
  event_stream_ = head_.status() == 200 && head_.media_type() == "text/event-stream";
  // A timer that is running looks again by itself when it fires; that is early enough as long as
  // the limits do not get shorter.
  const Patience& limit = request_.patience;
  if (!patience_.running() || event_stream_ || limit.idle < limit.first_byte) look_at_patience();
  if (receiver_ != nullptr) receiver_->on_head(head_);
}

std::size_t Easy::take_data(std::string_view piece) {
  last_activity_ = loop_.now();
  if (receiver_ == nullptr) return 0;
  if (held_) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (is_bomb()) {
    refusal_ = base::Error{base::Kind::too_large, "the response unpacks to far more than was sent"};
    return 0;
  }
  if (receiver_->on_data(piece) == Receiver::Flow::stop) return 0;
  received_bytes_ += piece.size();
  return piece.size();
}

void Easy::resume() {
  if (!paused_) return;
  paused_ = false;
  curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

bool Easy::is_bomb() const {
  if (!request_.compressed || received_bytes_ < kBombBytes) return false;
  curl_off_t on_the_wire = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &on_the_wire);
  return received_bytes_ / kBombRatio > static_cast<std::uint64_t>(on_the_wire);
}

// libcurl is connected and about to send. It is so once more when a reused connection has turned
// out dead, or a stream was refused: by itself it would send a POST again that the server may have
// read. The alternative, a body by read callback with a seek callback that fails, costs a system
// call and a packet more for each request, since headers and body then leave apart.
bool Easy::begin_to_send() {
  // Dropped or given up meanwhile, and reported as not sent: then it must not be sent now.
  if (receiver_ == nullptr || refusal_) return false;
  if (body_left()) return request_.may_resend;
  bytes_before_ = bytes_sent();
  return true;
}

// Asked for each address that a name has, at the moment of connecting: whatever was looked up
// before may have changed since.
bool Easy::may_connect_to(const sockaddr& address) {
  if (!request_.public_only || is_public(address) || is_proxied()) return true;
  not_public_ = true;
  return false;
}

bool Easy::is_proxied() const {
  const auto url = read_url(request_.url);
  return !network_.proxy.empty() && url && !is_exempt(network_.no_proxy, *url);
}

void Easy::start_patience() {
  begun_ = last_activity_ = loop_.now();
  patience_.stop();
  look_at_patience();
}

void Easy::forgive(base::Duration held) {
  const base::Time now = loop_.now();
  begun_ = std::min(begun_ + held, now);
  last_activity_ = std::min(last_activity_ + held, now);
  look_at_patience();
}

// Runs when the earliest limit may have passed, and sets the timer to the next.
void Easy::look_at_patience() {
  const Patience& limit = request_.patience;
  if (held_) return patience_.stop();
  base::Time until = base::Time::max();
  const auto limited_by = [&until](base::Time from, milliseconds length) {
    if (length.count() > 0) until = std::min(until, from + length);
  };
  if (!head_done_) {
    limited_by(begun_, limit.first_byte);
    limited_by(begun_, limit.total);
  } else if (event_stream_) {
    limited_by(last_activity_, limit.stream_idle);
  } else {
    limited_by(last_activity_, limit.idle);
    limited_by(begun_, limit.total);
  }
  if (until == base::Time::max()) return patience_.stop();
  const base::Time now = loop_.now();
  if (now < until) return patience_.start(until - now);
  refusal_ = base::Error{base::Kind::timed_out,
                         head_done_ ? "the response stopped coming" : "no response came in time"};
  if (on_impatient) on_impatient();
}

bool Easy::distrusted(CURLcode code) const {
  return !refusal_ && code == CURLE_PEER_FAILED_VERIFICATION;
}

End Easy::end(CURLcode code) const {
  End end;
  end.body_left = body_left();
  if (refusal_) {
    end.error = refusal_;
  } else if (code == CURLE_COULDNT_CONNECT && not_public_) {
    end.error = base::Error{base::Kind::untrusted,
                            "a server has named an address that is not on the internet"};
  } else if (code != CURLE_OK) {
    end.error = read_curl_error(code, easy_.get(), network_, request_.url);
    base::log(base::LogLevel::debug, "transfer failed: curl code {}", static_cast<int>(code));
  }
  return end;
}

}  // namespace dogpipe::http
