// The loopback listener to which the browser comes back (RFC 8252 sections 7.3 and 8.3).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/http_server.h"

namespace dogpipe::event {
class UvLoop;
}

namespace dogpipe::auth {

// What the user reads in the browser at the end.
struct ResultPage {
  enum class Kind : std::uint8_t { signed_in, refused, failed };
  Kind kind = Kind::failed;
  std::string
      organization;  // shown if it is plain: letters, digits, spaces, . _ - ' & ( ), 64 bytes
};

class Callback {
 public:
  // One request to the callback path that is well-formed as far as HTTP goes. The owner must
  // answer: dropped, the visitor is told that something failed (500), and the wait goes on. May
  // outlive the Callback.
  class Visitor {
   public:
    Visitor(Visitor&&) noexcept;
    Visitor& operator=(Visitor&&) noexcept;
    ~Visitor();

    // Not an answer to our request: 400, and the wait goes on.
    void reject();
    // 302 to /done, where the page then stands (the last one shown): so the code leaves the
    // browser's address bar and history.
    void show(ResultPage page);

   private:
    friend class Callback;
    struct State;
    explicit Visitor(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  using OnVisit = std::function<void(std::string_view query, Visitor visitor)>;

  struct Place {
    // Empty: http://localhost:PORT/callback. Else the user's: http, a loopback host, a fixed port.
    // Registered and sent as it is written here.
    std::string redirect_uri;
    std::uint16_t preferred_port = 0;  // tried first where the port is free to choose; 0: any
  };

  // For localhost, listens on 127.0.0.1 and ::1 on one port, or takes another port where it may
  // choose: the browser takes either of them, and who else had the second would get the code. On
  // 127.0.0.1 alone only where the machine has no ::1. For an address, on that address.
  //
  // Lets in only GET of the callback path and of the page's, with exactly one Host field of the
  // redirect URI's host or 127.0.0.1 and the port (auth/callback_request.h). Nothing that is sent
  // ends the wait. on_visit may destroy the Callback. Errors: Kind::usage for a redirect URI that
  // cannot be listened on, Kind::unreachable for a port that is not to be had.
  static base::Result<std::unique_ptr<Callback>> listen(event::UvLoop& loop, const Place& place,
                                                        OnVisit on_visit);
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback();

  const std::string& redirect_uri() const;
  // Called once, on a turn of its own, after a page of show() has left for the browser: the
  // listener is not needed any more. May destroy the Callback. To be set before that.
  void on_shown(std::function<void()> shown);

 private:
  struct State;
  explicit Callback(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::auth
