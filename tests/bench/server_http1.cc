#include <strings.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "server_protocol.h"

namespace bench {
namespace {

constexpr std::size_t kMostHeadBytes = 64 << 10;
constexpr std::size_t kMostBodyBytes = std::size_t{64} << 20;

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    default:
      return "Method Not Allowed";
  }
}

struct Head {
  std::string_view method, path, session;
  std::size_t body_bytes = 0;
  bool expects_continue = false;
  bool good = true;
};

void read_field(Head& head, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const auto name = line.substr(0, colon);
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (same_name(name, "content-length")) {
    const auto end = value.data() + value.size();
    head.good &= std::from_chars(value.data(), end, head.body_bytes).ec == std::errc{};
  } else if (same_name(name, "mcp-session-id")) {
    head.session = value;
  } else if (same_name(name, "expect")) {
    head.expects_continue = true;
  } else if (same_name(name, "transfer-encoding")) {
    head.good = false;  // no client measured here sends one
  }
}

Head read_head(std::string_view text) {
  Head head;
  auto end = text.find("\r\n");
  const auto line = text.substr(0, end);
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    head.good = false;
    return head;
  }
  head.method = line.substr(0, first);
  head.path = line.substr(first + 1, second - first - 1);
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 2);
    end = text.find("\r\n");
    read_field(head, text.substr(0, end));
  }
  head.good &= head.body_bytes <= kMostBodyBytes;
  return head;
}

// One request at a time: the next one is read when the answer to this one has left.
class Http1 final : public Protocol {
 public:
  Http1(McpServer& mcp, Later later) : mcp_{mcp}, later_{std::move(later)} {}

  bool take(std::string_view bytes) override {
    in_.append(bytes);
    return work();
  }
  Flush flush(Wire& wire) override;
  void due(std::uint32_t) override { queue(); }

 private:
  bool work();
  void start(const Head& head, std::string_view body);
  void queue();
  std::string_view unsent() const;
  std::size_t out_bytes() const { return lead_.size() + bulk_bytes() + trail_.size(); }
  std::size_t bulk_bytes() const { return reply_.bulk ? reply_.bulk->size() : 0; }

  McpServer& mcp_;
  Later later_;
  std::string in_;
  std::size_t wanted_ = 0;  // bytes of `in_` before it pays to look again
  bool continued_ = false;
  bool answering_ = false;  // from the request read to the last byte of its answer

  HttpReply pending_;  // until its delay is over
  HttpReply reply_;
  std::string lead_, trail_;  // what goes out before and after reply_.bulk
  std::size_t sent_ = 0;
};

// Starts on the next request when it is complete and the last answer has left. Large bodies come in
// many pieces: `wanted_` spares looking at the head again for each.
bool Http1::work() {
  if (answering_ || in_.size() < wanted_) return true;
  const auto head_bytes = in_.find("\r\n\r\n");
  if (head_bytes == std::string::npos) return in_.size() <= kMostHeadBytes;
  const auto head = read_head(std::string_view{in_}.substr(0, head_bytes));
  if (!head.good) return false;
  const auto body_at = head_bytes + 4;
  wanted_ = body_at + head.body_bytes;
  if (in_.size() < wanted_) {
    if (head.expects_continue && !std::exchange(continued_, true)) {
      lead_ = "HTTP/1.1 100 Continue\r\n\r\n";
    }
    return true;
  }
  start(head, std::string_view{in_}.substr(body_at, head.body_bytes));
  in_.erase(0, std::exchange(wanted_, 0));
  return true;
}

void Http1::start(const Head& head, std::string_view body) {
  answering_ = true;
  continued_ = false;
  pending_ = mcp_.answer({head.method, head.path, head.session, body});
  if (pending_.delay.count() > 0) {
    later_(0, pending_.delay);
  } else {
    queue();
  }
}

// An event stream goes out as one chunk however long it is: what chunks cost to take apart is the
// same for every client on libcurl, and would only blur what bridges do with events.
void Http1::queue() {
  reply_ = std::move(pending_);
  const auto body_bytes = reply_.body_bytes();
  const bool chunked = reply_.content_type == "text/event-stream";
  lead_.reserve(512 + reply_.head.size());
  lead_.append("HTTP/1.1 ").append(std::to_string(reply_.status)).append(" ");
  lead_.append(reason(reply_.status)).append("\r\n");
  if (!reply_.content_type.empty()) {
    lead_.append("Content-Type: ").append(reply_.content_type).append("\r\n");
  }
  if (!reply_.session.empty()) {
    lead_.append("Mcp-Session-Id: ").append(reply_.session).append("\r\n");
  }
  if (chunked) {
    lead_.append("Transfer-Encoding: chunked\r\n\r\n");
  } else {
    lead_.append("Content-Length: ").append(std::to_string(body_bytes)).append("\r\n\r\n");
  }
  if (reply_.stays_open) return;
  if (chunked) {
    char size[16];
    const auto end = std::to_chars(size, size + sizeof size, body_bytes, 16).ptr;
    lead_.append(size, end).append("\r\n");
  }
  lead_.append(reply_.head);
  trail_ = std::move(reply_.tail);
  if (chunked) trail_.append("\r\n0\r\n\r\n");
}

std::string_view Http1::unsent() const {
  if (sent_ < lead_.size()) return std::string_view{lead_}.substr(sent_);
  const auto past_lead = sent_ - lead_.size();
  if (past_lead < bulk_bytes()) return std::string_view{*reply_.bulk}.substr(past_lead);
  return std::string_view{trail_}.substr(past_lead - bulk_bytes());
}

Protocol::Flush Http1::flush(Wire& wire) {
  // A small answer leaves in one write.
  if (!reply_.bulk && !trail_.empty()) lead_.append(std::exchange(trail_, {}));
  constexpr int kMostWrites = 100'000;
  for (int i = 0; i < kMostWrites; ++i) {
    if (sent_ == out_bytes()) {
      const bool whole = answering_ && sent_ > 0 && !reply_.stays_open;
      if (sent_ == 0) return Flush::drained;
      lead_.clear();
      trail_.clear();
      sent_ = 0;
      if (!whole) return Flush::drained;  // 100 Continue, or a stream that stays open
      reply_.bulk.reset();
      answering_ = false;
      if (!work()) return Flush::broken;
      continue;
    }
    const auto piece = unsent();
    const auto step = wire.write(piece, sent_ + piece.size() < out_bytes());
    if (step.outcome == Wire::Outcome::closed) return Flush::broken;
    if (step.outcome == Wire::Outcome::blocked) return Flush::blocked;
    sent_ += step.bytes;
  }
  return Flush::blocked;
}

}  // namespace

std::unique_ptr<Protocol> make_http1(McpServer& mcp, Protocol::Later later) {
  return std::make_unique<Http1>(mcp, std::move(later));
}

}  // namespace bench
