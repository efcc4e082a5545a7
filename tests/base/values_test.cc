// Bytes, secrets, results, files.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::base {
namespace {

TEST_CASE("bytes grow by what is appended, and keep it") {
  Bytes bytes;
  CHECK(bytes.empty());
  CHECK(bytes.view() == "");
  bytes.append("");
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 17), static_cast<char>('a' + i % 26));
    bytes.append(piece);
    expected += piece;
  }
  bytes.append('!');
  CHECK(bytes.view() == expected + '!');
}

TEST_CASE("bytes are moved, not copied, and what was moved from is empty and usable") {
  Bytes first("hello");
  const char* place = first.data();
  Bytes second(std::move(first));
  CHECK(second.data() == place);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
  first.append("again");
  CHECK(first.view() == "again");
  first = std::move(second);
  CHECK(first.view() == "hello");
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("reserved bytes do not move") {
  Bytes bytes("x");
  bytes.reserve(1000);
  const char* place = bytes.data();
  bytes.append(std::string(999, 'y'));
  CHECK(bytes.data() == place);
  bytes.reserve(10);
  CHECK(bytes.size() == 1000);
  bytes.truncate(1);
  CHECK(bytes.view() == "x");
  bytes.clear();
  CHECK(bytes.empty());
  CHECK(bytes.data() == place);
}

TEST_CASE("a secret is what it was made of, copied and moved") {
  Secret secret(std::string("s3cret"));
  const Secret copy = secret;
  CHECK(copy.reveal() == "s3cret");
  const Secret moved = std::move(secret);
  CHECK(moved.reveal() == "s3cret");
  CHECK(secret.empty());  // NOLINT(bugprone-use-after-move)
  secret = moved;
  CHECK(secret.reveal() == "s3cret");
  secret = Secret();
  CHECK(secret.empty());
}

TEST_CASE("a secret's bytes are gone when it was moved from") {
  Secret secret(std::string(100, 'S'));
  const char* place = secret.reveal().data();
  const Secret moved = std::move(secret);
  CHECK(std::string_view(place, 100).find('S') == std::string_view::npos);
}

TEST_CASE("an error can be put into its context") {
  const Error error = Error{Kind::file, "no such file"}.during("reading the token");
  CHECK(error.kind == Kind::file);
  CHECK(error.what == "reading the token: no such file");
}

TEST_CASE("a result is a value or an error") {
  Result<std::string> value = std::string("v");
  CHECK(value);
  CHECK(*value == "v");
  CHECK(value->size() == 1);
  CHECK(std::move(value).value_or("other") == "v");
  Result<std::string> error = Error{Kind::usage, "e"};
  CHECK_FALSE(error);
  CHECK(error.error().what == "e");
  CHECK(std::move(error).value_or("other") == "other");
  CHECK(Result<void>());
  CHECK_FALSE(Result<void>(Error{Kind::usage, "e"}));
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

TEST_CASE("a file is read whole, up to the limit") {
  const Folder folder;
  const std::string path = folder / "file";
  const std::string text(100'000, 'x');
  std::ofstream(path) << text;
  auto read = read_file(path);
  REQUIRE(read);
  CHECK(*read == text);
  CHECK(read_file(path, 100'000));
  const auto too_large = read_file(path, 99'999);
  REQUIRE_FALSE(too_large);
  CHECK(too_large.error().kind == Kind::too_large);
  std::ofstream(path, std::ios::trunc).close();
  CHECK(*read_file(path) == "");
}

TEST_CASE("what is no regular file is not read, and not waited for") {
  const Folder folder;
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  for (const std::string& path :
       {fifo, folder / "", folder / "missing", std::string("/dev/zero")}) {
    CAPTURE(path);
    const auto read = read_file(path);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == Kind::file);
    CHECK(read.error().what.find(path) == 0);
  }
}

TEST_CASE("files exist or not") {
  const Folder folder;
  CHECK(file_exists(folder / ""));
  CHECK_FALSE(file_exists(folder / "missing"));
}

}  // namespace
}  // namespace dogpipe::base
