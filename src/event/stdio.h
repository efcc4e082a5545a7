// The host's two pipes: standard input as chunks, standard output as a queue.
//
// Either may be a pipe, a socket, a terminal or a file. Pipes, sockets and terminals are switched
// to O_NONBLOCK, a flag that lives in the file description and so is shared with other processes;
// it is put back when the object goes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace dogpipe::event {

class UvLoop;

class Input {
 public:
  struct Events {
    std::function<void(std::string_view)> on_data;
    // End of file, or an error after which nothing more will come. Called once, last.
    std::function<void(base::Result<void>)> on_end;
  };

  // Reads `fd` from the next turn on. Events may destroy the Input only from on_end.
  Input(UvLoop& loop, int fd, Events events);
  ~Input();

  // Takes nothing more until resume(): the writer will find the pipe full.
  void pause();
  void resume();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Where lines for the host go.
class Output {
 public:
  virtual ~Output() = default;

  // Queues bytes. They leave at the end of the turn, together with all that the turn produces.
  virtual void write(std::string_view bytes) = 0;
  virtual void write(base::Bytes&& bytes) = 0;
  // Bytes that have not left yet.
  virtual std::size_t queued_bytes() const = 0;
};

class FdOutput final : public Output {
 public:
  struct Events {
    std::function<void()> on_full;   // much is queued: whoever produces more should wait
    std::function<void()> on_room;   // was full, is not any more
    std::function<void()> on_empty;  // everything has left
    std::function<void(base::Error)> on_broken;  // the reader has gone, or the disk is full; once
  };

  FdOutput(UvLoop& loop, int fd, Events events);
  ~FdOutput() override;

  void write(std::string_view bytes) override;
  void write(base::Bytes&& bytes) override;
  std::size_t queued_bytes() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::event
