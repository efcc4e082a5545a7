// A server as those see it who talk to it: messages of one era go by id, and what it takes to
// deliver them (sessions, header fields, retries, streams that are opened anew) is behind this.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bridge/assembly.h"
#include "bridge/failure.h"
#include "bridge/session.h"

namespace dogpipe::bridge {

// A message for the server.
struct Request {
  std::string raw_id;  // unique among those under way; empty for notifications and responses
  std::string method;  // plain; empty for responses
  SharedBytes text;    // the message, on one line
};

class Server {
 public:
  // Who talks to it. In these calls send() and cancel() may be called; the server itself must not
  // be destroyed.
  class Listener {
   public:
    // A notification or request of the server. `raw_id` is that of our request on whose stream it
    // came, or empty: it came on a stream of the server's own.
    virtual void on_message(std::string_view raw_id, Message& message) = 0;
    // These two end a request; each has exactly one of them, unless it is cancelled. The answer
    // carries the id of the request. `status` is that of the HTTP response.
    virtual void on_answer(const Request& request, Message& message, int status) = 0;
    // Also for notifications and responses, which are not answered otherwise.
    virtual void on_failure(const Request& request, const Failure& failure) = 0;

    // The rest is about sessions, which only servers up to 2025-11-25 have. Lost: what the server
    // has asked in it needs no answer any more.
    virtual void on_session_gone() {}
    // Another has taken its place, with everything set again that had been set.
    virtual void on_new_session() {}
    // ... and speaks another revision than the first: requests fail from now on.
    virtual void on_incompatible_session() {}

    // Nothing is under way any more, standing requests aside.
    virtual void on_idle() = 0;

   protected:
    ~Listener() = default;
  };

  virtual ~Server() = default;

  virtual void send(Request request) = 0;
  // Nobody wants the answer any more: nothing more is reported of that request. The server is told
  // as its era has it: its stream is closed, or `notification` is sent (the host's own
  // notifications/cancelled; null: one of ours).
  virtual void cancel(std::string_view raw_id, SharedBytes notification) = 0;

  // Whether nothing is under way; subscriptions/listen does not count.
  virtual bool idle() const = 0;
  // Gives up all that is under way: the server is told, nothing is reported.
  virtual void abandon() = 0;
  // Takes leave; `done` is called once, at once or later. Nothing is sent after it.
  virtual void leave(std::function<void()> done) = 0;
};

}  // namespace dogpipe::bridge
