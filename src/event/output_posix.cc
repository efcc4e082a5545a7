#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
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

// Enough to keep a pipe busy for several wake-ups; what stands here has been taken from a server
// and cannot be given back.
constexpr std::size_t kFullBytes = 256 * 1024;
constexpr std::size_t kRoomBytes = 64 * 1024;
// Short lines are gathered in blocks of this size, long ones are queued as they are.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kMostPieces = 64;
// A pipe holds 64 KiB until asked to hold more; with 1 MiB large results pass twice as fast.
constexpr int kPipeBytes = 1 << 20;

}  // namespace

struct FdOutput::State {
  State(UvLoop& loop, int output_fd, Events handlers)
      : fd(output_fd),
        events(std::move(handlers)),
        flush_soon(
            loop, [this] { flush(); }, Phase::before_sleep) {
    if (always_ready(fd)) return;
    non_blocking.emplace(fd);
    auto made = Poll::make(loop, fd, [this](unsigned, bool) { flush(); });
    if (made) poll = std::move(*made);
  }

  void queue_small(std::string_view bytes) {
    if (blocks.empty() || !gathering || blocks.back().size() + bytes.size() > kBlockBytes) {
      blocks.push_back(std::exchange(spare, base::Bytes()));
      gathering = true;
    }
    blocks.back().append(bytes);
    queued(bytes.size());
  }

  void queue_large(base::Bytes&& bytes) {
    const std::size_t size = bytes.size();
    blocks.push_back(std::move(bytes));
    gathering = false;
    queued(size);
  }

  void queued(std::size_t size) {
    bytes_left += size;
    if (bytes_left >= kFullBytes && !std::exchange(was_full, true) && events.on_full) {
      events.on_full();
    }
    if (!waiting) flush_soon.schedule();
  }

  void flush() {
    while (bytes_left > 0) {
      const ssize_t wrote = write_blocks();
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0 && errno == EAGAIN) {
        if (enlarge_pipe()) continue;
        return wait();
      }
      if (wrote < 0) return broken(errno);
      take(static_cast<std::size_t>(wrote));
    }
    waiting = false;
    if (poll) poll->watch(0);
    tell_room();
    if (bytes_left == 0 && events.on_empty) events.on_empty();
  }

  ssize_t write_blocks() {
    std::array<iovec, kMostPieces> pieces;
    const std::size_t count = std::min(blocks.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t skip = i == 0 ? offset : 0;
      pieces[i] = {blocks[i].data() + skip, blocks[i].size() - skip};
    }
    return ::writev(fd, pieces.data(), static_cast<int>(count));
  }

  // `wrote` bytes have left.
  void take(std::size_t wrote) {
    bytes_left -= wrote;
    offset += wrote;
    while (!blocks.empty() && offset >= blocks.front().size()) {
      offset -= blocks.front().size();
      if (blocks.size() == 1 && gathering) {
        spare = std::move(blocks.front());
        spare.clear();
      }
      blocks.pop_front();
    }
  }

  // Once, when the pipe first overflows: most runs never need it.
  bool enlarge_pipe() {
#ifdef F_SETPIPE_SZ
    if (std::exchange(pipe_enlarged, true)) return false;
    return ::fcntl(fd, F_SETPIPE_SZ, kPipeBytes) > 0;
#else
    return false;
#endif
  }

  void wait() {
    waiting = true;
    if (poll) poll->watch(kWritable);
    tell_room();
  }

  void tell_room() {
    if (bytes_left > kRoomBytes || !std::exchange(was_full, false)) return;
    if (events.on_room) events.on_room();
  }

  void broken(int error) {
    blocks.clear();
    bytes_left = offset = 0;
    poll.reset();
    flush_soon.cancel();
    waiting = true;  // nothing is written any more
    const auto tell = std::exchange(events.on_broken, nullptr);
    if (tell) {
      const base::Kind kind = error == EPIPE ? base::Kind::cut : base::Kind::file;
      tell(base::Error{kind, "writing standard output: " + std::generic_category().message(error)});
    }
  }

  int fd;
  Events events;
  std::optional<NonBlocking> non_blocking;
  std::unique_ptr<Poll> poll;  // none: always ready
  Deferred flush_soon;
  std::deque<base::Bytes> blocks;
  base::Bytes spare;       // the memory of the last block, for the next
  std::size_t offset = 0;  // of the first block, already written
  std::size_t bytes_left = 0;
  bool gathering = false;  // the last block is one that short lines may be added to
  bool waiting = false;    // for the descriptor to take more
  bool was_full = false;
  bool pipe_enlarged = false;
};

FdOutput::FdOutput(UvLoop& loop, int fd, Events events)
    : state_(std::make_unique<State>(loop, fd, std::move(events))) {}

FdOutput::~FdOutput() = default;

void FdOutput::write(std::string_view bytes) {
  if (bytes.size() >= kBlockBytes) return state_->queue_large(base::Bytes(bytes));
  state_->queue_small(bytes);
}

void FdOutput::write(base::Bytes&& bytes) {
  if (bytes.size() < kBlockBytes) return state_->queue_small(bytes.view());
  state_->queue_large(std::move(bytes));
}

std::size_t FdOutput::queued_bytes() const { return state_->bytes_left; }

}  // namespace dogpipe::event
