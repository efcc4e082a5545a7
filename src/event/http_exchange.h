// One request and its answer, between the HttpAnswer of a user and the connection that carries it.
// For the HTTP server only.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>

#include "base/bytes.h"
#include "event/http_message.h"
#include "event/http_server.h"
#include "event/loop.h"

namespace dogpipe::event {

// What an exchange asks of its connection.
class HttpCarrier {
 public:
  virtual void suspend() = 0;  // leave me alone until resume()
  virtual void resume() = 0;   // ask again for the reply, or for more of its body, on a later turn
  virtual void shut() = 0;
  virtual void reset() = 0;

 protected:
  ~HttpCarrier() = default;
};

struct HttpExchange {
  enum class Stage { reading, asked, replying, streaming };
  // What read() returns when it has no bytes.
  static constexpr ssize_t kLater = 0, kEnd = -1, kCut = -2;

  HttpExchange(HttpCarrier& by, std::string_view target);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange();  // the client has gone, or everything has been said

  void suspend();
  void resume();
  // Before a reply: without a byte. In a stream: behind what has been written.
  void cut();
  // The answer, if there is one, is on its own and will not be told.
  void disown();
  bool replied() const { return stage == Stage::replying || stage == Stage::streaming; }
  // The next bytes of the body.
  ssize_t read(char* into, std::size_t room);

  HttpCarrier& carrier;
  HttpRequest request;
  bool head_seen = false;
  Stage stage = Stage::reading;
  std::function<void()> sent_all;
  HttpReply reply;  // from Stage::replying on; without a body while streaming
  base::Bytes out;  // the body of a stream, or one shorter than promised, from `sent` on
  std::size_t sent = 0;
  bool suspended = false;
  bool ended = false;
  bool cutting = false;
  HttpAnswer::Hold* hold = nullptr;
};

// Shared by an answer and its exchange: whichever goes first takes itself out of the other.
struct HttpAnswer::Hold {
  Hold(Loop& loop, HttpExchange& whose);
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold();

  HttpExchange* exchange;
  bool gone = false;  // the client, while owed something
  std::function<void()> told;
  Deferred tell;
};

}  // namespace dogpipe::event
