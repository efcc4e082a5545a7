// Sending HTTP requests, as the rest of the program sees it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace dogpipe::http {

// How a transfer ended.
struct End {
  std::optional<base::Error> error;  // none: the response is complete
  // Whether a server can have seen anything of the body. False proves that it has not.
  bool body_left = false;
};

// What a transfer reports, in this order: head once, data any number of times, end once; after an
// error the first two may be missing. on_end() comes on a turn of its own; in it the callee may
// destroy the Transfer and the Receiver. In on_head() and on_data() it may destroy the Transfer.
class Receiver {
 public:
  enum class Flow { more, stop };

  virtual void on_head(const ResponseHead& head) = 0;
  // Decoded bytes of the body, valid during the call. `stop` ends the transfer: on_end() reports an
  // error.
  virtual Flow on_data(std::string_view piece) = 0;
  virtual void on_end(const End& end) = 0;

 protected:
  ~Receiver() = default;
};

// A request under way. Destroying it cancels the request; nothing is reported then.
class Transfer {
 public:
  virtual ~Transfer() = default;

  // Whether a server can have seen anything of the request.
  virtual bool body_left() const = 0;
};

class Client {
 public:
  virtual ~Client() = default;

  // The receiver must outlive the Transfer. Nothing is reported before this call has returned.
  virtual std::unique_ptr<Transfer> send(Request request, Receiver& receiver) = 0;

  // Takes nothing more from the network until release(), since what comes cannot be passed on: the
  // servers feel it through TCP. Requests still go out; limits on response times stand still.
  // What has been taken already may still be reported.
  virtual void hold() = 0;
  virtual void release() = 0;
};

}  // namespace dogpipe::http
