// One event stream of the server (WHATWG server-sent events): of a POST, or the one of a GET.
//
// It may outlive its connection: events are numbered and kept, and a later GET with Last-Event-ID
// gets those that are missing, on any revision that knows ids.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "event/http_server.h"
#include "event/loop.h"
#include "sandbox/ledger.h"
#include "sandbox/quirks.h"

namespace dogpipe::sandbox {

// One event as bytes. Empty id: none. With `spread`, JSON is laid out over several data lines.
std::string write_event(std::string_view id, std::string_view data, std::string_view line_end,
                        bool spread);

class Stream {
 public:
  struct Shape {
    int cut_after = 0;   // events until the first connection is cut; 0 never
    bool prime = false;  // begin with an event that has an id and no data (2025-11-25)
    bool ids = true;     // events have ids (2026-07-28: never)
  };

  Stream(event::Loop& loop, const Quirks& quirks, Ledger& ledger, std::string id,
         const Shape& shape);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  const std::string& id() const { return id_; }
  bool attached() const { return answer_.open(); }
  // Whether a client that lost its connection may still come for what is missing.
  bool resumable() const { return ids_; }
  // Everything said, and a client has it.
  bool delivered() const { return finished_ && !attached() && sent_ == events_.size(); }

  std::size_t bytes() const { return bytes_; }

  // Takes the connection: head, then every event behind number `after`.
  void attach(event::HttpAnswer answer, std::size_t after, const event::HttpFields& fields);
  // The next cut happens after this many more events.
  void cut_after(int events) { cut_in_ = events; }
  void spread(bool on) { spread_ = on; }
  // Called when the client has gone before the end; not after cut() or finish().
  void on_gone(std::function<void()> told) { gone_ = std::move(told); }

  void send(std::string_view json);
  // Bytes as they are, past all numbering.
  void send_raw(std::string_view bytes) { answer_.write(bytes); }
  // No event will follow: ends the connection, now or when somebody comes for the rest.
  void finish();
  void cut();

 private:
  void deliver();
  void close();
  void comment();

  const Quirks& quirks_;
  Ledger& ledger_;
  std::string id_;
  bool ids_;
  std::function<void()> gone_;
  event::HttpAnswer answer_;
  std::vector<std::string> events_;  // as bytes
  std::size_t bytes_ = 0;            // of all events
  std::size_t sent_ = 0;
  int cut_in_;
  bool spread_ = false;
  bool finished_ = false;
  bool counted_ = false;  // among the open streams
  event::Timer comments_;
};

}  // namespace dogpipe::sandbox
