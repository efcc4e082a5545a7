#include "server_protocol.h"

#ifdef BENCH_HAVE_NGHTTP2

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

namespace bench {
namespace {

// As nginx and the usual load balancers have it.
constexpr std::uint32_t kMostStreams = 128;
// Requests must not wait for window updates either.
constexpr std::int32_t kReceiveWindow = 16 << 20;
[[maybe_unused]] constexpr std::uint64_t kResetsAllowed = 1'000'000'000;
// Output is gathered to about this much before it is encrypted: whole records, few writes.
constexpr std::size_t kGatherBytes = 128 << 10;

struct SessionDeleter {
  void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
};

struct Stream {
  std::string method, path, session, body;
  HttpReply reply;
  std::size_t sent = 0;
};

nghttp2_nv header(std::string_view name, std::string_view value) {
  // The library copies both and only wants non-const pointers for the sake of C.
  auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

class Http2 final : public Protocol {
 public:
  Http2(McpServer& mcp, Later later);

  bool take(std::string_view bytes) override;
  Flush flush(Wire& wire) override;
  void due(std::uint32_t stream) override { submit(static_cast<std::int32_t>(stream)); }

 private:
  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept;
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                       std::uint8_t, void* self) noexcept;
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                     std::size_t length, void* self) noexcept;
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept;
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) noexcept;
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept;

  void answer(std::int32_t id);
  void submit(std::int32_t id);
  void gather();

  McpServer& mcp_;
  Later later_;
  std::unique_ptr<nghttp2_session, SessionDeleter> session_;
  std::unordered_map<std::int32_t, Stream> streams_;
  std::string out_;
  std::size_t out_sent_ = 0;
};

Http2::Http2(McpServer& mcp, Later later) : mcp_{mcp}, later_{std::move(later)} {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
#ifdef BENCH_HAVE_RESET_LIMIT
  // libcurl resets a stream once Content-Length is reached, some before they see its end. At the
  // rates of a benchmark the library would take that for an attack and send GOAWAY.
  nghttp2_option_set_stream_reset_rate_limit(options, kResetsAllowed, kResetsAllowed);
#endif
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new2(&session, callbacks, this, options);
  session_.reset(session);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 2> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMostStreams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(kReceiveWindow)}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kReceiveWindow);
  out_.reserve(kGatherBytes + (32 << 10));
}

int Http2::on_begin(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
  static_cast<Http2*>(self)->streams_.try_emplace(frame->hd.stream_id);
  return 0;
}

int Http2::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                     std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                     std::uint8_t, void* self) noexcept {
  const std::string_view key{reinterpret_cast<const char*>(name), name_length};
  const std::string_view text{reinterpret_cast<const char*>(value), value_length};
  auto& stream = static_cast<Http2*>(self)->streams_[frame->hd.stream_id];
  if (key == ":method") stream.method = text;
  if (key == ":path") stream.path = text;
  if (key == "mcp-session-id") stream.session = text;
  return 0;
}

int Http2::on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                   std::size_t length, void* self) noexcept {
  auto& body = static_cast<Http2*>(self)->streams_[stream].body;
  body.append(reinterpret_cast<const char*>(data), length);
  return 0;
}

int Http2::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
  const bool carries_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (carries_request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    static_cast<Http2*>(self)->answer(frame->hd.stream_id);
  }
  return 0;
}

int Http2::on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) noexcept {
  static_cast<Http2*>(self)->streams_.erase(stream);
  return 0;
}

// The next bytes of an answer, from whichever of its three pieces they lie in.
ssize_t Http2::read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t room,
                         std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept {
  auto& stream = *static_cast<Stream*>(source->ptr);
  if (stream.reply.stays_open) return NGHTTP2_ERR_DEFERRED;
  std::size_t done = 0;
  std::size_t begin = 0;
  const auto copy_from = [&](std::string_view piece) {
    const auto end = begin + piece.size();
    if (stream.sent < end && done < room) {
      const auto part = piece.substr(stream.sent - begin, room - done);
      std::memcpy(into + done, part.data(), part.size());
      done += part.size();
      stream.sent += part.size();
    }
    begin = end;
  };
  copy_from(stream.reply.head);
  if (stream.reply.bulk) copy_from(*stream.reply.bulk);
  copy_from(stream.reply.tail);
  if (stream.sent == begin) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(done);
}

void Http2::answer(std::int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto& stream = found->second;
  stream.reply = mcp_.answer({stream.method, stream.path, stream.session, stream.body});
  if (stream.reply.delay.count() > 0) {
    later_(static_cast<std::uint32_t>(id), stream.reply.delay);
  } else {
    submit(id);
  }
}

// The stream may be gone by now: reset by the peer while its answer was to wait.
void Http2::submit(std::int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto& stream = found->second;
  const auto status = std::to_string(stream.reply.status);
  const auto length = std::to_string(stream.reply.body_bytes());
  std::array<nghttp2_nv, 4> headers{header(":status", status)};
  std::size_t count = 1;
  if (!stream.reply.content_type.empty()) {
    headers[count++] = header("content-type", stream.reply.content_type);
  }
  if (!stream.reply.session.empty()) {
    headers[count++] = header("mcp-session-id", stream.reply.session);
  }
  if (stream.reply.content_type == "application/json") {
    headers[count++] = header("content-length", length);
  }
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = read_body;
  const bool has_body = stream.reply.stays_open || stream.reply.body_bytes() > 0;
  nghttp2_submit_response(session_.get(), id, headers.data(), count, has_body ? &body : nullptr);
}

bool Http2::take(std::string_view bytes) {
  const auto data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return nghttp2_session_mem_recv(session_.get(), data, bytes.size()) ==
         static_cast<ssize_t>(bytes.size());
}

// Bounded by kGatherBytes: each pass adds a frame or ends.
void Http2::gather() {
  out_.clear();
  out_sent_ = 0;
  while (out_.size() < kGatherBytes) {
    const std::uint8_t* data = nullptr;
    const auto length = nghttp2_session_mem_send(session_.get(), &data);
    if (length <= 0) return;
    out_.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(length));
  }
}

Protocol::Flush Http2::flush(Wire& wire) {
  constexpr int kMostWrites = 100'000;
  for (int i = 0; i < kMostWrites; ++i) {
    if (out_sent_ == out_.size()) gather();
    if (out_.empty()) {
      const bool over = nghttp2_session_want_read(session_.get()) == 0 &&
                        nghttp2_session_want_write(session_.get()) == 0;
      return over ? Flush::broken : Flush::drained;
    }
    const auto step = wire.write(std::string_view{out_}.substr(out_sent_), false);
    if (step.outcome == Wire::Outcome::closed) return Flush::broken;
    if (step.outcome == Wire::Outcome::blocked) return Flush::blocked;
    out_sent_ += step.bytes;
  }
  return Flush::blocked;
}

}  // namespace

bool have_http2() { return true; }

std::unique_ptr<Protocol> make_http2(McpServer& mcp, Protocol::Later later) {
  return std::make_unique<Http2>(mcp, std::move(later));
}

}  // namespace bench

#else

namespace bench {

bool have_http2() { return false; }
std::unique_ptr<Protocol> make_http2(McpServer&, Protocol::Later) { return nullptr; }

}  // namespace bench

#endif
