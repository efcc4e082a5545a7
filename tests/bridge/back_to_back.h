// Two legs of different eras back to back: the server of the one is the host's side of the other,
// so that both ends are of the same era, and everything is translated there and back again.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"
#include "fakes/fake_server.h"
#include "fields.h"
#include "mcp/revision.h"

namespace dogpipe::bridge {

// What must not be seen on a wire of one era; throws if it is. `text` is one message.
void check_for_legacy_host(std::string_view text);
void check_for_modern_host(std::string_view text);
void check_for_legacy_server(std::string_view text);
void check_for_modern_server(std::string_view text);

// Requests, and what belongs to them, bear the same "mark" in their params all the way.
std::string mark_of(std::string_view text);

// What a host does with a leg, as the router has it.
void host_says(std::string_view text, Replies& replies, Leg& leg);

// The server of the near leg, and the host of the far one. What the far leg writes is kept until
// pump(): a server never speaks while it is spoken to.
class Tunnel final : public Server {
 public:
  using Check = void (*)(std::string_view text);

  Tunnel(Check for_server, Check for_host)
      : for_server_(for_server),
        for_host_(for_host),
        output_([this](std::string_view line) { lines_.emplace_back(line); }),
        replies_(output_) {}

  Replies& replies() { return replies_; }
  void connect(Listener& near, Leg& far) {
    near_ = &near;
    far_ = &far;
  }
  // Hands on what has been written. Whether there was anything.
  bool pump();

  void send(Request request) override;
  void cancel(std::string_view raw_id, SharedBytes notification) override;
  bool idle() const override {
    return std::all_of(open_.begin(), open_.end(),
                       [](const auto& one) { return one.second.method == "subscriptions/listen"; });
  }
  void abandon() override { open_.clear(); }
  void leave(std::function<void()> done) override { done(); }

 private:
  void deliver(const std::string& line);
  void answer(Message& message);
  std::string stream_of(std::string_view line, const rpc::Envelope& envelope);

  Check for_server_;
  Check for_host_;
  std::deque<std::string> lines_;
  fakes::FakeOutput output_;
  Replies replies_;
  Listener* near_ = nullptr;
  Leg* far_ = nullptr;
  std::map<std::string, Request> open_;           // by raw id
  std::map<std::string, std::string> questions_;  // of the far leg: on which stream it came
};

inline void demand(bool condition, std::string_view what, std::string_view text) {
  if (!condition) throw std::runtime_error(std::string(what) + ": " + std::string(text));
}

inline rpc::Envelope envelope_of(std::string_view text) {
  const rpc::Scanned scanned = rpc::scan(text);
  demand(scanned.has_value() && !scanned->multi_line, "no message on one line", text);
  return *scanned;
}

inline std::string method_of(std::string_view text) {
  return rpc::string_value(get(text, "method")).value_or("");
}

inline bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  for (const std::string_view one : list) {
    if (text == one) return true;
  }
  return false;
}

inline void check_for_legacy_host(std::string_view text) {
  envelope_of(text);
  const std::string result = get(text, "result");
  for (const char* name : {"resultType", "ttlMs", "cacheScope"}) {
    demand(get(result, name).empty(), "a result of the newer era", text);
  }
  demand(get(get(result, "_meta"), mcp::kServerInfo).empty(), "serverInfo", text);
  demand(!get(get(text, "error"), "code").starts_with("-3202"), "an error of the newer era", text);
  demand(method_of(text) != "notifications/subscriptions/acknowledged", "newer method", text);
  demand(get(get(get(text, "params"), "_meta"), mcp::kSubscriptionId).empty(), "a tag", text);
}

inline void check_for_modern_host(std::string_view text) {
  const rpc::Envelope envelope = envelope_of(text);
  demand(envelope.shape != rpc::Shape::request, "a request for a modern host", text);
  const std::string code = get(get(text, "error"), "code");
  demand(code != "-32002" && code != "-32042", "an error of the older era", text);
  const std::string result = get(text, "result");
  demand(!is_object(result) || !get(result, "resultType").empty(), "no resultType", text);
  demand(!method_of(text).starts_with("notifications/tasks") &&
             method_of(text) != "notifications/elicitation/complete",
         "older method", text);
}

inline void check_for_legacy_server(std::string_view text) {
  envelope_of(text);
  for (rpc::Members members(get(get(text, "params"), "_meta")); const auto one = members.next();) {
    demand(!one->key.starts_with("io.modelcontextprotocol/"), "reserved metadata", text);
  }
  demand(!one_of(method_of(text), {"server/discover", "subscriptions/listen"}), "newer method",
         text);
  for (const char* name : {"inputResponses", "requestState"}) {
    demand(get(get(text, "params"), name).empty(), "a retry for a legacy server", text);
  }
}

inline void check_for_modern_server(std::string_view text) {
  const rpc::Envelope envelope = envelope_of(text);
  const bool asks = envelope.shape == rpc::Shape::request;
  demand(asks || envelope.shape == rpc::Shape::notification, "a response", text);
  demand(!one_of(method_of(text),
                 {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                  "resources/unsubscribe", "notifications/initialized", "notifications/cancelled",
                  "notifications/progress", "notifications/roots/list_changed"}),
         "older method", text);
  const std::string meta = get(get(text, "params"), "_meta");
  demand(get(meta, mcp::kModernClaim) == R"("2026-07-28")", "no revision", text);
  demand(is_object(get(meta, mcp::kClientCapabilities)), "no capabilities", text);
  demand(get(get(text, "params"), "task").empty(), "a task", text);
}

inline std::string mark_of(std::string_view text) {
  static constexpr std::string_view kBegin = R"("mark":")";
  const auto at = text.find(kBegin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + kBegin.size());
  return std::string(rest.substr(0, rest.find('"')));
}

inline void host_says(std::string_view text, Replies& replies, Leg& leg) {
  HostMessage message = HostMessage::read(base::Bytes(text));
  if (message.envelope.shape == rpc::Shape::request) {
    demand(replies.awaited_from(message.raw_id()) == nullptr, "an id twice", text);
    replies.await(message.raw_id(), leg);
    return leg.take_request(std::move(message));
  }
  if (message.envelope.shape != rpc::Shape::notification) {
    return leg.take_response(std::move(message));
  }
  if (message.method != "notifications/cancelled") return leg.take_notification(std::move(message));
  const std::string raw_id(replies.find_same(get(message.raw_params(), "requestId")));
  if (raw_id.empty()) return;
  replies.withhold(raw_id);
  leg.cancel(raw_id, std::move(message));
}

inline void Tunnel::send(Request request) {
  const std::string text(request.text->view());
  for_server_(text);
  if (!request.raw_id.empty()) {
    demand(request.raw_id == get(text, "id"), "another id", text);
    demand(open_.emplace(request.raw_id, request).second, "an id twice", text);
  }
  host_says(text, replies_, *far_);
}

inline void Tunnel::cancel(std::string_view raw_id, SharedBytes notification) {
  demand(open_.erase(std::string(raw_id)) == 1, "cancelled what is not under way", raw_id);
  const std::string params = R"({"requestId":)" + std::string(raw_id) + '}';
  host_says(notification ? std::string(notification->view())
                         : rpc::write_call("", "notifications/cancelled", params),
            replies_, *far_);
}

inline bool Tunnel::pump() {
  const bool any = !lines_.empty();
  while (!lines_.empty()) {
    const std::string line = lines_.front();
    lines_.pop_front();
    deliver(line);
  }
  return any;
}

inline void Tunnel::deliver(const std::string& line) {
  for_host_(line);
  Message message;
  message.owned.append(line);
  message.text = message.owned.view();
  message.envelope = envelope_of(line);
  const rpc::Shape shape = message.envelope.shape;
  if (shape == rpc::Shape::response || shape == rpc::Shape::error) return answer(message);
  const std::string stream = stream_of(line, message.envelope);
  if (shape == rpc::Shape::request) questions_[get(line, "id")] = stream;
  near_->on_message(stream, message);
}

// To what was cancelled in the meantime nobody listens.
inline void Tunnel::answer(Message& message) {
  const auto at = open_.find(std::string(message.envelope.id.in(message.text)));
  if (at == open_.end()) return;
  const Request request = at->second;
  open_.erase(at);
  near_->on_answer(request, message, 200);
  if (idle()) near_->on_idle();
}

inline std::string Tunnel::stream_of(std::string_view line, const rpc::Envelope& envelope) {
  const std::string_view params = envelope.params.in(line);
  const std::string tag = get(get(params, "_meta"), mcp::kSubscriptionId);
  if (!tag.empty()) return tag;
  if (const auto at = questions_.find(get(params, "requestId")); at != questions_.end()) {
    return at->second;
  }
  const std::string mark = mark_of(line);
  for (const auto& [raw_id, request] : open_) {
    if (!mark.empty() && mark_of(request.text->view()) == mark) return raw_id;
  }
  return {};
}

using Lines = std::vector<std::string>;

inline constexpr std::string_view kLevels[] = {"emergency", "alert",  "critical", "error",
                                               "warning",   "notice", "info",     "debug"};
inline constexpr std::string_view kMethods[] = {
    "tools/call",          "tools/call",     "tools/call",     "tools/list",
    "prompts/get",         "prompts/list",   "resources/read", "resources/templates/list",
    "completion/complete", "resources/list", "vendor/x"};

inline Mint mint_with(std::string prefix) {
  return [prefix = std::move(prefix), n = 0]() mutable {
    return fmt::format(R"("{}{}")", prefix, ++n);
  };
}

// To compare whole transcripts.
inline std::string show(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += normal(line) + '\n';
  return out;
}

inline bool may_be_asked(std::string_view method) {
  return one_of(method, {"tools/call", "prompts/get", "resources/read"});
}

// Both legs and both ends. The near leg's replies go to `heard`.
class BackToBack {
 public:
  BackToBack(Tunnel::Check middle_server, Tunnel::Check middle_host, Tunnel::Check for_host)
      : tunnel(middle_server, middle_host),
        output([this, for_host](std::string_view line) {
          for_host(line);
          heard.emplace_back(line);
        }),
        replies(output) {
    static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
  }

  // Until everything has been said.
  void settle() {
    for (int i = 0; i < 1000; ++i) {
      loop.turn();
      if (!tunnel.pump()) return;
    }
    throw std::runtime_error("they talk without end");
  }
  void pass(base::Duration time) {
    loop.pass(time);
    settle();
  }

  fakes::FakeLoop loop;
  std::vector<std::string> heard;
  fakes::FakeServer server;
  Tunnel tunnel;
  fakes::FakeOutput output;
  Replies replies;
};

}  // namespace dogpipe::bridge
