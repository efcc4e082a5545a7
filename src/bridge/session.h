// The session with a server of the revisions 2025-03-26 to 2025-11-25 (MCP basic/lifecycle and
// "Session Management" in basic/transports), and what it takes to open it anew.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "rpc/envelope.h"

namespace dogpipe::bridge {

using SharedBytes = std::shared_ptr<const base::Bytes>;

class Session {
 public:
  enum class State : std::uint8_t {
    none,  // no initialize has been answered
    open,
    lost,  // the server does not know it any more
  };

  State state() const { return state_; }
  bool open() const { return state_ == State::open; }
  // "Mcp-Session-Id"; empty if the server gave none. Never logged.
  const std::string& id() const { return id_; }
  // The negotiated revision; empty before that.
  const std::string& revision() const { return revision_; }
  // Grows with each session, so that requests of an old one can be told.
  std::uint64_t generation() const { return generation_; }

  // The server has answered initialize with `raw_result`; `id` is the header field, or empty.
  void opened(std::string_view raw_result, std::string_view id);
  void lose() { state_ = State::lost; }
  // The host begins from the start, or the server refused to.
  void forget();

  // The kinds of list ("tools", "prompts", "resources") that the server has said it announces
  // changes of.
  const std::vector<std::string>& announced_lists() const { return announced_lists_; }

  // Messages of the host that a new session needs too, in their own bytes.
  void remember_initialize(SharedBytes text);
  void remember_initialized(SharedBytes text) { initialized_ = std::move(text); }
  void remember_level(SharedBytes text) { level_ = std::move(text); }
  void remember_subscription(const std::string& uri, SharedBytes text);
  void forget_subscription(const std::string& uri) { subscriptions_.erase(uri); }

  const SharedBytes& initialize() const { return initialize_; }
  const SharedBytes& initialized() const { return initialized_; }
  // The host's logging/setLevel and resources/subscribe requests, to be made again.
  std::vector<SharedBytes> settings() const;

 private:
  State state_ = State::none;
  std::string id_;
  std::string revision_;
  std::uint64_t generation_ = 0;
  std::vector<std::string> announced_lists_;
  SharedBytes initialize_;
  SharedBytes initialized_;
  SharedBytes level_;
  std::map<std::string, SharedBytes> subscriptions_;
};

}  // namespace dogpipe::bridge
