#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <ctime>
#include <string>
#include <string_view>

#include "child.h"

namespace bench::process {
namespace {

// The number behind `name` in /proc/PID/file, 0 if there is none.
std::int64_t read_field(pid_t pid, std::string_view file, std::string_view name) {
  const auto path = "/proc/" + std::to_string(pid) + "/" + std::string{file};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::array<char, 8192> room;
  const auto got = ::read(fd, room.data(), room.size());
  ::close(fd);
  std::string_view text{room.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  const auto at = text.find(name);
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + name.size());
  const auto digits = text.find_first_of("0123456789");
  if (digits == std::string_view::npos) return 0;
  std::int64_t value = 0;
  std::from_chars(text.data() + digits, text.data() + text.size(), value);
  return value;
}

}  // namespace

// The clock of the process, to the nanosecond: /proc/PID/stat counts in ticks of 10 ms.
double cpu_seconds(pid_t pid) {
  clockid_t clock;
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::int64_t pss_kib(pid_t pid) { return read_field(pid, "smaps_rollup", "\nPss:"); }
std::int64_t private_kib(pid_t pid) { return read_field(pid, "smaps_rollup", "\nPrivate_Dirty:"); }
std::int64_t rss_kib(pid_t pid) { return read_field(pid, "smaps_rollup", "\nRss:"); }
std::int64_t peak_rss_kib(pid_t pid) { return read_field(pid, "status", "\nVmHWM:"); }

void forget_peak(pid_t pid) {
  const auto path = "/proc/" + std::to_string(pid) + "/clear_refs";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  // "5" sets VmHWM back to the present RSS. Failure only leaves the peak of the whole life.
  if (::write(fd, "5", 1) < 0) {
  }
  ::close(fd);
}

}  // namespace bench::process
