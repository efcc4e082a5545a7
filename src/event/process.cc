#include "event/process.h"

#include <uv.h>

#include <array>
#include <cstdint>
#include <utility>

#include "event/descriptors.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

template <class Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

struct Child;

// The end of a pipe that feeds the child. Owns the text until libuv has let go of it.
struct InputPipe {
  uv_pipe_t pipe;
  uv_write_t request;
  base::Secret text;
  Child* child;  // none: closing
};

struct Close {
  void operator()(InputPipe* input) const noexcept {
    input->child = nullptr;
    input->pipe.data = input;
    uv_close(as_handle(&input->pipe),
             [](uv_handle_t* closed) { delete static_cast<InputPipe*>(closed->data); });
  }
  void operator()(uv_pipe_t* pipe) const noexcept {
    uv_close(as_handle(pipe),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_pipe_t*>(closed); });
  }
  void operator()(uv_process_t* process) const noexcept {
    uv_close(as_handle(process),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_process_t*>(closed); });
  }
};

// A program under way. Goes when it has ended; until then it is held by its UvProcess, or by the
// loop once that has let go.
struct Child final : UvLoop::Lodger {
  Child(UvLoop& on, Spawner::Events handlers) : loop(on), events(std::move(handlers)) {}

  base::Result<void> spawn(Command command, base::Secret text);
  void make_input(base::Secret text);
  void make_output();
  void write_input();
  void read_output();
  void on_piece(ssize_t size, const char* bytes);
  void on_end(int how);
  void report_if_over();

  UvLoop& loop;
  Spawner::Events events;
  bool let_go = false;
  bool ended = false;
  int status = 0;
  std::unique_ptr<InputPipe, Close> input;   // until all of it is written
  std::unique_ptr<uv_pipe_t, Close> output;  // until it has ended
  std::unique_ptr<uv_process_t, Close> process;
  std::array<char, 64u << 10> buffer;
};

void Child::make_input(base::Secret text) {
  auto made = std::make_unique<InputPipe>();
  made->text = std::move(text);
  made->child = this;
  made->request.data = made.get();
  uv_pipe_init(loop.native(), &made->pipe, 0);
  input.reset(made.release());
}

void Child::make_output() {
  auto made = std::make_unique<uv_pipe_t>();
  uv_pipe_init(loop.native(), made.get(), 0);
  made->data = this;
  output.reset(made.release());
}

// A child that ends without reading, or closes its end, breaks the pipe: its own business.
void Child::write_input() {
  const std::string_view text = input->text.reveal();
  const uv_buf_t piece =
      uv_buf_init(const_cast<char*>(text.data()), static_cast<unsigned>(text.size()));
  const int failure = uv_write(&input->request, reinterpret_cast<uv_stream_t*>(&input->pipe),
                               &piece, 1, [](uv_write_t* request, int) {
                                 Child* child = static_cast<InputPipe*>(request->data)->child;
                                 if (child != nullptr) child->input.reset();
                               });
  if (failure != 0) input.reset();
}

void Child::read_output() {
  uv_read_start(
      reinterpret_cast<uv_stream_t*>(output.get()),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* room) {
        auto& to = static_cast<Child*>(handle->data)->buffer;
        *room = uv_buf_init(to.data(), static_cast<unsigned>(to.size()));
      },
      [](uv_stream_t* stream, ssize_t size, const uv_buf_t* piece) {
        static_cast<Child*>(stream->data)->on_piece(size, piece->base);
      });
}

void Child::on_piece(ssize_t size, const char* bytes) {
  if (size == 0) return;
  if (size < 0) {
    output.reset();
    return report_if_over();
  }
  const auto tell = events.on_output;  // a copy: it may destroy the Process
  if (tell) tell({bytes, static_cast<std::size_t>(size)});
}

void Child::on_end(int how) {
  ended = true;
  status = how;
  if (let_go) return loop.dismiss(*this);
  report_if_over();
}

void Child::report_if_over() {
  if (!ended || output) return;
  const auto tell = std::exchange(events.on_exit, nullptr);
  if (tell) tell(status);
}

base::Result<void> Child::spawn(Command command, base::Secret text) {
  std::vector<char*> arguments = {command.program.data()};
  for (std::string& argument : command.arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (std::string& variable : command.environment) environment.push_back(variable.data());
  environment.push_back(nullptr);

  std::array<uv_stdio_container_t, 3> stdio{};  // UV_IGNORE: the null device
  if (!text.empty()) {
    make_input(std::move(text));
    stdio[0].flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_READABLE_PIPE);
    stdio[0].data.stream = reinterpret_cast<uv_stream_t*>(&input->pipe);
  }
  if (events.on_output) {
    make_output();
    stdio[1].flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    stdio[1].data.stream = reinterpret_cast<uv_stream_t*>(output.get());
  }

  uv_process_options_t options{};
  options.file = command.program.c_str();
  options.args = arguments.data();
  options.env = environment.data();
  options.flags = UV_PROCESS_DETACHED;
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = [](uv_process_t* handle, std::int64_t code, int signal) {
    static_cast<Child*>(handle->data)->on_end(signal != 0 ? 128 + signal : static_cast<int>(code));
  };

  // libuv gives the child default signal dispositions and an empty mask, as documented.
  keep_descriptors_private();
  process.reset(new uv_process_t{});
  const int failure = uv_spawn(loop.native(), process.get(), &options);
  process->data = this;
  if (failure != 0) return base::Error{base::Kind::file, uv_strerror(failure)};
  if (input) write_input();
  if (output) read_output();
  return {};
}

class UvProcess final : public Process {
 public:
  explicit UvProcess(std::unique_ptr<Child> child) : child_(std::move(child)) {}
  UvProcess(const UvProcess&) = delete;
  UvProcess& operator=(const UvProcess&) = delete;
  ~UvProcess() override {
    if (child_->ended) return;
    child_->events = {};
    child_->let_go = true;
    UvLoop& loop = child_->loop;
    loop.keep(std::move(child_));
  }

 private:
  std::unique_ptr<Child> child_;
};

}  // namespace

base::Result<std::unique_ptr<Process>> UvSpawner::start(const Command& command, base::Secret input,
                                                        Events events) {
  if (command.program.empty() || command.program.front() != '/') {
    return base::Error{base::Kind::file, "starting a program: its path is not absolute"};
  }
  auto child = std::make_unique<Child>(loop_, std::move(events));
  if (auto spawned = child->spawn(command, std::move(input)); !spawned) {
    return std::move(spawned).error().during("starting " + command.program);
  }
  return std::unique_ptr<Process>(std::make_unique<UvProcess>(std::move(child)));
}

}  // namespace dogpipe::event
