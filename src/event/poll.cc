#include "event/poll.h"

#include <uv.h>

#include <utility>

#include "event/uv_loop.h"

namespace dogpipe::event {

static_assert(kReadable == unsigned{UV_READABLE} && kWritable == unsigned{UV_WRITABLE});

void Poll::CloseHandle::operator()(uv_poll_s* handle) const noexcept {
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_poll_t*>(closed); });
}

base::Result<std::unique_ptr<Poll>> Poll::make(UvLoop& loop, int fd, OnReady on_ready) {
  auto raw = std::make_unique<uv_poll_t>();
  const int failure = uv_poll_init(loop.native(), raw.get(), fd);
  if (failure != 0) return base::Error{base::Kind::file, uv_strerror(failure)};
  std::unique_ptr<Poll> made(new Poll);
  raw->data = made.get();
  made->handle_.reset(raw.release());
  made->on_ready_ = std::move(on_ready);
  return made;
}

void Poll::watch(unsigned ready) {
  if (std::exchange(watched_, ready) == ready) return;
  if (ready == 0) {
    uv_poll_stop(handle_.get());
    return;
  }
  uv_poll_start(handle_.get(), static_cast<int>(ready),
                [](uv_poll_t* handle, int status, int events) {
                  auto& self = *static_cast<Poll*>(handle->data);
                  if (status != 0) self.watched_ = 0;    // libuv has stopped it
                  const auto on_ready = self.on_ready_;  // may destroy its Poll
                  on_ready(static_cast<unsigned>(events), status != 0);
                });
}

}  // namespace dogpipe::event
