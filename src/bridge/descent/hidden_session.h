// The session with an older server that a host of 2026-07-28 knows nothing of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/descent/legacy_params.h"
#include "bridge/mint.h"
#include "bridge/server.h"

namespace dogpipe::bridge::descent {

class HiddenSession {
 public:
  class Owner {
   public:
    virtual void on_open() = 0;
    // `write_error` gives the answer to a request that waited for the session, by its raw id.
    virtual void on_not_open(
        const std::function<std::string(std::string_view raw_id)>& write_error) = 0;

   protected:
    ~Owner() = default;
  };

  // Both must outlive it.
  HiddenSession(Server& server, Mint mint, Owner& owner);

  bool is_open() const { return state_ == State::open; }
  // Opens it in the name of who makes that claim, unless that is under way.
  void open(const Claim& claim);
  // The next request opens it anew.
  void forget();

  // Whether the request was of this session's own; then the answer is dealt with.
  bool take_answer(const Request& request, const Message& message);
  bool take_failure(const Request& request, const Failure& failure);

  // What the server has said when it was opened. Empty before that.
  std::string_view raw_initialize_result() const { return raw_result_; }
  // An Implementation, or empty.
  std::string_view raw_server_info() const;
  // Of the server: "tools", "listChanged" and the like.
  bool can(std::string_view capability, std::string_view detail) const;

  // The most verbose of the levels that requests under way ask for; the server is told if it has to
  // log otherwise than before.
  void want(std::optional<LogDetail> detail);

 private:
  enum class State : std::uint8_t { none, opening, open };

  bool has_logging() const;
  std::string send(std::string method, std::string_view raw_params);

  Server& server_;
  Mint mint_;
  Owner& owner_;
  State state_ = State::none;
  std::string initialize_id_;
  std::string raw_result_;
  std::string level_id_;
  std::optional<LogDetail> detail_;
};

}  // namespace dogpipe::bridge::descent
