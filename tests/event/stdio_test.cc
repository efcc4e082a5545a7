#include "event/stdio.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "event/loop.h"
#include "event/poll.h"
#include "event/signals.h"
#include "event/uv_loop.h"

namespace dogpipe::event {
namespace {

using namespace std::chrono_literals;

struct Ends {
  int read = -1;
  int write = -1;

  static Ends pipe() {
    std::array<int, 2> fds = {};
    REQUIRE(::pipe2(fds.data(), O_CLOEXEC) == 0);
    return {fds[0], fds[1]};
  }
  static Ends sockets() {
    std::array<int, 2> fds = {};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    return {fds[0], fds[1]};
  }
  void close_read() {
    if (read >= 0) ::close(read);
    read = -1;
  }
  void close_write() {
    if (write >= 0) ::close(write);
    write = -1;
  }
  void close() {
    close_read();
    close_write();
  }
};

bool is_non_blocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

// Runs until something calls loop.stop(), but not for ever.
void run(UvLoop& loop) {
  bool too_long = false;
  Timer limit(loop, [&] {
    too_long = true;
    loop.stop();
  });
  limit.start(20s);
  loop.run();
  REQUIRE_FALSE(too_long);
}

std::string temporary_file() {
  std::string path = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  return path;
}

// All that comes until the end, and whether that was an error.
std::string read_all(int fd) {
  UvLoop loop;
  std::string text;
  Input input(loop, fd,
              {[&](std::string_view data) { text += data; },
               [&](const base::Result<void>& end) {
                 if (!end) text += "[error]";
                 loop.stop();
               }});
  run(loop);
  return text;
}

TEST_CASE("input comes from pipes, sockets, files and the null device, to its end") {
  const std::string sent(1000, 'x');
  SUBCASE("pipe") {
    Ends ends = Ends::pipe();
    REQUIRE(::write(ends.write, sent.data(), sent.size()) == 1000);
    ends.close_write();
    CHECK(read_all(ends.read) == sent);
    ends.close();
  }
  SUBCASE("socket") {
    Ends ends = Ends::sockets();
    REQUIRE(::write(ends.write, sent.data(), sent.size()) == 1000);
    ends.close_write();
    CHECK(read_all(ends.read) == sent);
    ends.close();
  }
  SUBCASE("regular file, larger than a chunk") {
    const std::string path = temporary_file();
    const std::string large(300'000, 'y');
    std::ofstream(path) << large;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    CHECK(read_all(fd) == large);
    ::close(fd);
    std::filesystem::remove(path);
  }
  SUBCASE("null device") {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(read_all(fd).empty());
    ::close(fd);
  }
  SUBCASE("a directory cannot be read") {
    const int fd = ::open("/", O_RDONLY | O_CLOEXEC);
    CHECK(read_all(fd) == "[error]");
    ::close(fd);
  }
}

TEST_CASE("paused input takes nothing until it is resumed, and then everything") {
  for (const bool from_file : {false, true}) {
    CAPTURE(from_file);
    UvLoop loop;
    const std::string path = temporary_file();
    std::ofstream(path) << std::string(200'000, 'z');
    Ends ends = Ends::pipe();
    if (!from_file) REQUIRE(::write(ends.write, "first", 5) == 5);
    const int fd = from_file ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : ends.read;
    std::size_t got = 0;
    int pieces = 0;
    std::unique_ptr<Input> input;
    Timer resume(loop, [&] {
      CHECK(pieces == 1);
      input->resume();
      input->resume();
    });
    input =
        std::make_unique<Input>(loop, fd,
                                Input::Events{[&](std::string_view data) {
                                                got += data.size();
                                                if (++pieces > 1) return;
                                                input->pause();
                                                input->pause();
                                                if (!from_file)
                                                  REQUIRE(::write(ends.write, "second", 6) == 6);
                                                ends.close_write();
                                                resume.start(5ms);
                                              },
                                              [&](const base::Result<void>&) {
                                                input.reset();
                                                loop.stop();
                                              }});
    run(loop);
    CHECK(got == (from_file ? 200'000 : 11));
    if (from_file) ::close(fd);
    ends.close();
    std::filesystem::remove(path);
  }
}

TEST_CASE("blocking descriptors are given back as they were") {
  UvLoop loop;
  Ends ends = Ends::sockets();
  {
    Input input(loop, ends.read, {[](std::string_view) {}, [](const base::Result<void>&) {}});
    FdOutput output(loop, ends.write, {});
    CHECK(is_non_blocking(ends.read));
    CHECK(is_non_blocking(ends.write));
  }
  CHECK_FALSE(is_non_blocking(ends.read));
  CHECK_FALSE(is_non_blocking(ends.write));
  ::fcntl(ends.read, F_SETFL, ::fcntl(ends.read, F_GETFL) | O_NONBLOCK);
  {
    Input input(loop, ends.read, {[](std::string_view) {}, [](const base::Result<void>&) {}});
  }
  CHECK(is_non_blocking(ends.read));  // as it was
  ends.close();
}

// ---- output

// Reads what an output writes, at the other end and in the same loop.
struct Reader {
  Reader(UvLoop& loop, int from, std::size_t bytes) : fd(from), expected(bytes) {
    auto made = Poll::make(loop, fd, [this, &loop](unsigned, bool) {
      std::array<char, 4096> chunk;
      const ssize_t got = ::read(fd, chunk.data(), chunk.size());
      if (got > 0) text.append(chunk.data(), static_cast<std::size_t>(got));
      if (text.size() >= expected) loop.stop();
    });
    REQUIRE(made);
    poll = std::move(*made);
    poll->watch(kReadable);
  }

  int fd;
  std::size_t expected;
  std::string text;
  std::unique_ptr<Poll> poll;
};

// Lines of all sizes, some handed over as Bytes.
std::string write_much(Output& output) {
  std::string all;
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string line = std::to_string(i) + std::string(i * i % 9000, 'a') + '\n';
    all += line;
    if (i % 3 == 0) {
      output.write(base::Bytes(line));
    } else {
      output.write(line);
    }
    if (i % 100 == 50) {
      const std::string large = std::string(100'000, 'L') + '\n';
      all += large;
      output.write(base::Bytes(large));
    }
  }
  return all;
}

TEST_CASE("output reaches a slow reader complete and in order") {
  Ends ends;
  SUBCASE("pipe") { ends = Ends::pipe(); }
  SUBCASE("the smallest pipe there is") {
    ends = Ends::pipe();
    REQUIRE(::fcntl(ends.write, F_SETPIPE_SZ, 1) > 0);
  }
  SUBCASE("socket") { ends = Ends::sockets(); }
  UvLoop loop;
  int fulls = 0, rooms = 0, empties = 0, broken = 0;
  FdOutput output(loop, ends.write,
                  {[&] { ++fulls; }, [&] { ++rooms; }, [&] { ++empties; },
                   [&](const base::Error&) { ++broken; }});
  const std::string all = write_much(output);
  CHECK(output.queued_bytes() == all.size());
  CHECK(fulls == 1);
  Reader reader(loop, ends.read, all.size());
  run(loop);
  CHECK(reader.text == all);
  CHECK(output.queued_bytes() == 0);
  CHECK(fulls == 1);
  CHECK(rooms == 1);
  CHECK(empties >= 1);
  CHECK(broken == 0);
  ends.close();
}

TEST_CASE("output to a file and to the null device is complete when the turn is over") {
  const std::string path = temporary_file();
  for (const std::string& target : {path, std::string("/dev/null")}) {
    const int fd = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    UvLoop loop;
    FdOutput output(loop, fd, {nullptr, nullptr, [&] { loop.stop(); }, nullptr});
    const std::string all = write_much(output);
    run(loop);
    CHECK(output.queued_bytes() == 0);
    if (target == path) {
      std::ostringstream text;
      text << std::ifstream(path).rdbuf();
      CHECK(text.str() == all);
    }
    ::close(fd);
  }
  std::filesystem::remove(path);
}

TEST_CASE("a full disk breaks the output") {
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  UvLoop loop;
  int broken = 0;
  FdOutput output(loop, fd, {nullptr, nullptr, nullptr, [&](const base::Error& error) {
                               CHECK(error.kind == base::Kind::file);
                               ++broken;
                               loop.stop();
                             }});
  output.write("x\n");
  run(loop);
  CHECK(broken == 1);
  ::close(fd);
}

TEST_CASE("a reader that goes away breaks the output once, and later writes do nothing") {
  ignore_broken_pipes();
  for (const bool mid_way : {false, true}) {
    CAPTURE(mid_way);
    Ends ends = Ends::pipe();
    UvLoop loop;
    int broken = 0;
    FdOutput output(loop, ends.write, {nullptr, nullptr, nullptr, [&](const base::Error&) {
                                         ++broken;
                                         loop.stop();
                                       }});
    Timer leave(loop, [&] { ends.close_read(); });
    if (mid_way) {
      leave.start(1ms);
      output.write(std::string(4 << 20, 'x'));
    } else {
      ends.close_read();
      output.write("x\n");
    }
    run(loop);
    CHECK(broken == 1);
    CHECK(output.queued_bytes() == 0);
    Timer end(loop, [&] { loop.stop(); });
    output.write("y\n");
    end.start(1ms);
    run(loop);
    CHECK(broken == 1);
    ends.close();
  }
}

TEST_CASE("what one turn writes leaves in one piece") {
  Ends ends = Ends::sockets();
  UvLoop loop;
  FdOutput output(loop, ends.write, {nullptr, nullptr, [&] { loop.stop(); }, nullptr});
  output.write("a\n");
  output.write("b\n");
  char nothing = 0;
  CHECK(::recv(ends.read, &nothing, 1, MSG_DONTWAIT) < 0);
  run(loop);
  std::array<char, 16> chunk = {};
  CHECK(::recv(ends.read, chunk.data(), chunk.size(), MSG_DONTWAIT) == 4);
  ends.close();
}

}  // namespace
}  // namespace dogpipe::event
