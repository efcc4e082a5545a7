#include "base/log.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/file.h"

namespace dogpipe::base {
namespace {

// A log file for the lifetime of the object.
class LogFile {
 public:
  explicit LogFile(LogFormat format, LogLevel level = LogLevel::info) {
    std::string name = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    LogSettings settings;
    settings.level = level;
    settings.format = format;
    settings.file = (folder_ / "log").string();
    REQUIRE(open_log(settings));
  }
  ~LogFile() {
    LogSettings off;
    off.level = LogLevel::off;
    static_cast<void>(open_log(off));
    std::filesystem::remove_all(folder_);
  }

  std::string text() const {
    auto text = read_file((folder_ / "log").string());
    REQUIRE(text);
    return *text;
  }

 private:
  std::filesystem::path folder_;
};

TEST_CASE("printable ASCII is printed as it is") {
  CHECK(printable("") == "");
  CHECK(printable("tools/call \"x\" \\ 100% ~") == "tools/call \"x\" \\ 100% ~");
}

TEST_CASE("nothing that steers a terminal, forges a line or hides in one is printed") {
  const struct {
    std::string_view text, printed;
  } rows[] = {
      {"\x1b]52;c;aGk=\x07", "<1b>]52;c;aGk=<07>"},  // OSC 52: writes the clipboard
      {"\x1b[2J\x1b[31m", "<1b>[2J<1b>[31m"},        // CSI
      {"a\rb\nc\td\be", "a<0d>b<0a>c<09>d<08>e"},
      {"\x7f", "<7f>"},
      {"\xc2\x9b\xc2\x85", "<c2><9b><c2><85>"},                  // C1
      {"\xe2\x80\xae\xe2\x81\xa6", "<e2><80><ae><e2><81><a6>"},  // right to left, isolate
      {"\xd8\x9c\xe2\x80\x8b", "<d8><9c><e2><80><8b>"},          // Arabic mark, zero width
      {"\xef\xbb\xbf", "<ef><bb><bf>"},                          // BOM
      {"\xf3\xa0\x81\xa8", "<f3><a0><81><a8>"},                  // an invisible letter
      {"\xff\x80\xc3", "<ff><80><c3>"},                          // no UTF-8
      {"\xe0\x80\x9b", "<e0><80><9b>"},                          // ESC in three bytes
  };
  for (const auto& row : rows) CHECK(printable(row.text) == row.printed);
  CHECK(printable(std::string_view("a\0b", 3)) == "a<00>b");
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CHECK(printable({&c, 1}).size() == (byte >= 0x20 && byte <= 0x7e ? 1 : 4));
  }
}

TEST_CASE("long text is cut at 512 bytes, and says so") {
  CHECK(printable(std::string(512, 'x')) == std::string(512, 'x'));
  CHECK(printable(std::string(513, 'x')) == std::string(512, 'x') + "...");
  CHECK(printable(std::string(511, 'x') + "\xc3\xa9") == std::string(511, 'x') + "<c3>...");
}

TEST_CASE("levels have names") {
  CHECK(read_log_level("trace") == LogLevel::trace);
  CHECK(read_log_level("off") == LogLevel::off);
  CHECK_FALSE(read_log_level("Warn"));
  CHECK_FALSE(read_log_level(""));
}

TEST_CASE("a line has time, level, process and text, cleaned") {
  const LogFile file(LogFormat::text);
  log(LogLevel::info, "{} says {}", "server", "a\nb");
  log(LogLevel::debug, "not at this level");
  log(LogLevel::error, "bad");
  std::istringstream lines(file.text());
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(line.find("T") == 10);
  CHECK(line.find("Z INFO dogpipe[") == 23);
  CHECK(line.substr(line.find(']')) == "] server says a<0a>b");
  REQUIRE(std::getline(lines, line));
  CHECK(line.find("Z ERROR dogpipe[") == 23);
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("a line can be a JSON object") {
  const LogFile file(LogFormat::json);
  log(LogLevel::warn, "{}", "a \"quoted\" \\ path % {} \x1b");
  const std::string text = file.text();
  CHECK(text.substr(0, 9) == R"({"time":")");
  CHECK(text.substr(33, 23) == R"(","level":"warn","pid":)");
  CHECK(text.substr(text.find(R"("msg":)")) == R"("msg":"a \"quoted\" \\ path % {} <1b>"})"
                                               "\n");
}

TEST_CASE("nothing is logged when the log is off") {
  const LogFile file(LogFormat::text, LogLevel::off);
  log(LogLevel::error, "x");
  CHECK(file.text().empty());
  CHECK_FALSE(logs(LogLevel::error));
}

TEST_CASE("a log file that cannot be opened is an error that names it") {
  LogSettings settings;
  settings.file = "/dev/null/\x1b";
  const auto opened = open_log(settings);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Kind::file);
  CHECK(opened.error().what.find("/dev/null/<1b>") != std::string::npos);
  settings.file.clear();
  settings.level = LogLevel::off;
  CHECK(open_log(settings));
}

}  // namespace
}  // namespace dogpipe::base
