#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "event/fd_posix.h"
#include "event/loop.h"
#include "event/poll.h"
#include "event/stdio.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
// A host that never stops writing must not keep the sockets from being looked at.
constexpr int kMostChunksInATurn = 8;

}  // namespace

struct Input::State {
  State(UvLoop& loop, int input_fd, Events handlers)
      : fd(input_fd),
        events(std::move(handlers)),
        chunk(std::make_unique<char[]>(kChunkBytes)),
        next(loop, [this] { read_some(); }) {
    if (!always_ready(fd)) {
      non_blocking.emplace(fd);
      auto made = Poll::make(loop, fd, [this](unsigned, bool) { read_some(); });
      if (made) {
        poll = std::move(*made);
        poll->watch(kReadable);
        return;
      }
    }
    next.schedule();
  }

  void read_some() {
    for (int i = 0; i < kMostChunksInATurn && !paused; ++i) {
      const ssize_t got = ::read(fd, chunk.get(), kChunkBytes);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) return end(got == 0 ? 0 : errno);
      events.on_data({chunk.get(), static_cast<std::size_t>(got)});
      if (static_cast<std::size_t>(got) < kChunkBytes) break;
    }
    if (!poll && !paused) next.schedule();
  }

  void pause(bool on) {
    if (std::exchange(paused, on) == on) return;
    if (poll) {
      poll->watch(on ? 0U : kReadable);
    } else if (!on) {
      next.schedule();
    }
  }

  void end(int error) {
    poll.reset();
    next.cancel();
    const auto tell = events.on_end;
    if (error == 0) return tell({});
    tell(base::Error{base::Kind::file,
                     "reading standard input: " + std::generic_category().message(error)});
  }

  int fd;
  Events events;
  std::unique_ptr<char[]> chunk;
  std::optional<NonBlocking> non_blocking;
  std::unique_ptr<Poll> poll;  // none: always ready
  Deferred next;
  bool paused = false;
};

Input::Input(UvLoop& loop, int fd, Events events)
    : state_(std::make_unique<State>(loop, fd, std::move(events))) {}

Input::~Input() = default;

void Input::pause() { state_->pause(true); }

void Input::resume() { state_->pause(false); }

}  // namespace dogpipe::event
