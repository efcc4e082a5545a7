// Server-sent events: the event stream format of the WHATWG HTML standard, section 9.2.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::http {

// Takes an event stream in any pieces. What an event's data consist of is handed on as it arrives:
// an event of any size needs no memory here.
class SseReader {
 public:
  class Events {
   public:
    // A piece of the data of the present event; lines are joined with LF. Valid until feed()
    // returns.
    virtual void on_event_data(std::string_view piece) = 0;
    // The event is complete. `type` is empty for the default, "message". Not called for events
    // without data, such as those that only carry an id.
    virtual void on_event(std::string_view type) = 0;

   protected:
    ~Events() = default;
  };

  // `events` must outlive the reader, and must not destroy it or feed it from its functions.
  explicit SseReader(Events& events) : events_(events) {}

  void feed(std::string_view more);

  // The last event id that the stream has set, also by an event without data.
  const std::string& last_event_id() const { return last_event_id_; }
  // The reconnection time that the stream has set.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }
  // Limit on a line that is not data, after which its rest is ignored.
  static constexpr std::size_t kLongestField = 64 * 1024;

 private:
  void take_line_piece(std::string_view piece);
  void end_line();
  void end_field();
  void end_event();

  Events& events_;
  std::string line_;             // the present line until it is known to be data, or all of another
  bool in_data_ = false;         // the present line is data and its value is being handed on
  bool space_may_come_ = false;  // one space after the colon is not part of the value
  bool line_begun_ = false;      // the present line has bytes
  bool after_cr_ = false;        // a LF that follows belongs to the CR
  bool at_start_ = true;         // a BOM is skipped there
  bool has_data_ = false;        // the present event has a data line
  bool data_empty_ = true;       // ... and all its data so far is the empty string
  std::string event_type_;
  std::string pending_id_;  // becomes last_event_id_ at the end of the event
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace dogpipe::http
