#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Where one answer comes in. Belongs to a Transfer, which must outlive any line it has begun.
struct LineSource {
  std::string held;  // lines, or the beginning of one, that wait while another answer is written
  bool waits = false;
};

// Standard output. Answers are passed on piece by piece as they arrive, yet whole lines never
// mix: while one answer has begun a line, the others hold theirs.
class Output {
 public:
  Output();

  // A piece of a line; its last one brings the newline. Writes at once only when much has gathered.
  void add(LineSource& from, std::string_view part, bool ends_line);
  // To be called once a loop turn.
  void flush();

 private:
  void put(std::string_view part);
  void release();

  std::string buffer_;
  LineSource* line_owner_ = nullptr;
  std::vector<LineSource*> waiting_;
};

// Finds the data lines of an event stream, fed in pieces of any size, never looking twice.
class EventReader {
 public:
  void restart() { *this = EventReader{}; }
  void feed(std::string_view bytes, LineSource& source, Output& output);

 private:
  enum class State { prefix, data, other };
  State state_ = State::prefix;
  std::size_t matched_ = 0;
};

}  // namespace bench
