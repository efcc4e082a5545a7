#include "bridge/era_store.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "json/reader.h"
#include "log_file.h"

namespace dogpipe::bridge {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Scope = Discovered::Scope;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 24 * 60 * 60;
const std::string kUrl = "https://mcp.example/mcp";

// A real disk with a clock of the test's own, and faults.
class ClockedFiles final : public base::Files {
 public:
  base::Result<std::unique_ptr<base::Folder>> open(const std::string& path,
                                                   Missing missing) override {
    if (read_only && missing == Missing::create) {
      return base::Error{base::Kind::file, path + ": read-only file system"};
    }
    return files_.open(path, missing);
  }
  base::WallTime now() override { return base::WallTime(seconds(time)); }
  void pause(milliseconds) override {}

  std::int64_t time = kNow;
  bool read_only = false;

 private:
  base::PosixFiles files_;
};

class Disk {
 public:
  Disk() {
    std::string name = (std::filesystem::temp_directory_path() / "dogpipe-era-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk() { std::filesystem::remove_all(path); }

  FileEraStore store(std::string_view identity = "me", const std::string& url = kUrl) {
    return {files, path + "/state", url, identity};
  }
  std::string file() const { return path + "/state/servers.json"; }
  std::string text() const {
    std::stringstream text;
    text << std::ifstream(file(), std::ios::binary).rdbuf();
    return text.str();
  }
  void put(std::string_view text) const {
    std::filesystem::create_directory(path + "/state");
    REQUIRE(::chmod((path + "/state").c_str(), 0700) == 0);
    std::ofstream(file(), std::ios::binary) << text;
    REQUIRE(::chmod(file().c_str(), 0600) == 0);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path + "/state")) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string path;
  ClockedFiles files;
};

EraRecord record_of(ServerEra era, std::string_view revision, std::int64_t when = kNow) {
  return {era, std::string(revision), when, std::nullopt};
}

EraRecord modern_with(std::string_view result, Scope scope, std::int64_t when = kNow,
                      milliseconds ttl = hours(1)) {
  EraRecord record = record_of(ServerEra::modern, "2026-07-28", when);
  record.discovered = Discovered{std::string(result), when, ttl, scope};
  return record;
}

std::size_t entries_in(const std::string& text) {
  const auto document = json::read(text);
  REQUIRE(document);
  return document->root()["servers"].size();
}

TEST_CASE("what one process saves another finds") {
  Disk disk;
  CHECK_FALSE(disk.store().load());
  for (const EraRecord& record :
       {record_of(ServerEra::legacy, "2025-11-25"), record_of(ServerEra::modern, "2026-07-28"),
        record_of(ServerEra::modern_only, ""),
        modern_with(R"({"supportedVersions":["2026-07-28"],"instructions":"é\n\"\\"})", Scope::own),
        modern_with("{}", Scope::shared)}) {
    disk.store().save(record);
    CHECK(disk.store().load() == record);
    CHECK(entries_in(disk.text()) == 1);
  }
  CHECK(disk.names() == std::vector<std::string>{"servers.json"});
  struct stat info = {};
  REQUIRE(::stat(disk.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777u) == 0600);
}

TEST_CASE("each URL and each identity has an entry of its own, and the file tells no identity") {
  Disk disk;
  const std::string other = "https://other.example/mcp";
  disk.store("alice-secret").save(record_of(ServerEra::modern, "a"));
  disk.store("bob-secret").save(record_of(ServerEra::legacy, "b"));
  disk.store("alice-secret", other).save(record_of(ServerEra::modern_only, "c"));
  CHECK(disk.store("alice-secret").load() == record_of(ServerEra::modern, "a"));
  CHECK(disk.store("bob-secret").load() == record_of(ServerEra::legacy, "b"));
  CHECK(disk.store("alice-secret", other).load() == record_of(ServerEra::modern_only, "c"));
  CHECK_FALSE(disk.store("carol").load());
  CHECK_FALSE(disk.store("bob-secret", other).load());
  CHECK(entries_in(disk.text()) == 3);
  CHECK(disk.text().find("secret") == std::string::npos);

  const auto document = json::read(disk.text());
  REQUIRE(document);
  const json::Value servers = document->root()["servers"];
  CHECK(servers[0]["identity"].text_or("") != servers[2]["identity"].text_or(""));
}

TEST_CASE("a legacy verdict is believed for a day, a modern one until something contradicts it") {
  Disk disk;
  disk.store().save(record_of(ServerEra::legacy, "2025-11-25"));
  const auto legacy_at = [&disk](std::int64_t time) {
    disk.files.time = time;
    return disk.store().load().has_value();
  };
  CHECK(legacy_at(kNow));
  CHECK(legacy_at(kNow + kDay - 1));
  CHECK_FALSE(legacy_at(kNow + kDay));
  CHECK_FALSE(legacy_at(kNow - 1));  // the clock was set back: its age is unknown

  disk.files.time = kNow;
  for (const ServerEra era : {ServerEra::modern, ServerEra::modern_only}) {
    disk.files.time = kNow;
    disk.store().save(record_of(era, "2026-07-28"));
    disk.files.time = kNow + 1000 * kDay;
    CHECK(disk.store().load() == record_of(era, "2026-07-28"));
  }
  disk.store().save(record_of(ServerEra::legacy, "2025-11-25", disk.files.time));
  CHECK(disk.store().load()->era == ServerEra::legacy);
}

TEST_CASE("a discover result is given out for as long as the server allows") {
  Disk disk;
  const EraRecord record = modern_with("{}", Scope::own, kNow, seconds(10));
  disk.store().save(record);
  disk.files.time = kNow + 9;
  CHECK(disk.store().load() == record);
  for (const std::int64_t time : {kNow + 10, kNow - 1}) {
    disk.files.time = time;
    CHECK(disk.store().load() == record_of(ServerEra::modern, "2026-07-28"));
  }
}

TEST_CASE("a private result belongs to its identity alone, a public one to all of that URL") {
  Disk disk;
  const EraRecord shared = modern_with(R"({"a":1})", Scope::shared);
  disk.store("alice").save(modern_with(R"({"b":1})", Scope::own));
  CHECK_FALSE(disk.store("bob").load());
  disk.store("alice").save(shared);
  CHECK(disk.store("bob").load() == shared);
  CHECK_FALSE(disk.store("bob", "https://other.example/mcp").load());

  // The newest of several; the own one before all others.
  const EraRecord newer = modern_with(R"({"c":1})", Scope::shared, kNow + 5);
  disk.files.time = kNow + 5;
  disk.store("carol").save(newer);
  disk.store("dave").save(modern_with(R"({"d":1})", Scope::shared, kNow + 1));
  CHECK(disk.store("bob").load() == newer);
  disk.store("bob").save(record_of(ServerEra::legacy, "2025-11-25", kNow + 5));
  CHECK(disk.store("bob").load() == record_of(ServerEra::legacy, "2025-11-25", kNow + 5));
  // Beyond its time nothing is shared.
  disk.files.time = kNow + 5 + 3600;
  CHECK_FALSE(disk.store("eve").load());
}

TEST_CASE("saving that nothing is known removes the entry, and touches nothing else") {
  Disk disk;
  disk.store("alice").save({});
  CHECK_FALSE(std::filesystem::exists(disk.file()));
  disk.store("alice").save(record_of(ServerEra::modern, "a"));
  disk.store("bob").save(record_of(ServerEra::modern, "b"));
  disk.store("alice").save({});
  CHECK_FALSE(disk.store("alice").load());
  CHECK(disk.store("bob").load() == record_of(ServerEra::modern, "b"));
  CHECK(entries_in(disk.text()) == 1);
}

TEST_CASE("saving the same again does not write") {
  Disk disk;
  const EraRecord record = modern_with(R"({"a":1})", Scope::own);
  disk.store().save(record);
  struct stat before = {}, after = {};
  REQUIRE(::stat(disk.file().c_str(), &before) == 0);
  disk.store().save(record);
  REQUIRE(::stat(disk.file().c_str(), &after) == 0);
  CHECK(before.st_ino == after.st_ino);
}

TEST_CASE("what is not known here stays, at every level that is kept") {
  Disk disk;
  disk.store("me").save(record_of(ServerEra::legacy, "2025-11-25"));
  std::string text = disk.text();
  const std::size_t entry = text.find("{\"url\"");
  text.insert(entry + 1, R"("mine":[1.50,{"x":1e40}],)");
  text.insert(entry, R"({"url":7,"when":5,"weird":true},)");
  text.insert(1, R"("future":{"a":"é"},)");
  disk.put(text);
  disk.store("me").save(record_of(ServerEra::modern, "2026-07-28"));
  CHECK(disk.store("me").load() == record_of(ServerEra::modern, "2026-07-28"));
  CHECK(disk.text().find(R"("mine":[1.50,{"x":1e40}])") != std::string::npos);
  CHECK(disk.text().find(R"({"url":7,"when":5,"weird":true})") != std::string::npos);
  CHECK(disk.text().find(R"("future":{"a":"é"})") != std::string::npos);
  CHECK(entries_in(disk.text()) == 2);
}

TEST_CASE("of more than 64 entries the oldest goes") {
  Disk disk;
  disk.files.time = kNow + 1000;
  for (int i = 0; i < 64; ++i) {
    const std::int64_t when = i == 20 ? kNow - 5 : kNow + i;
    disk.store(std::to_string(i)).save(record_of(ServerEra::modern, "r", when));
  }
  CHECK(disk.store("20").load());
  disk.store("new").save(record_of(ServerEra::modern, "r", kNow - 100));  // the new one stays
  CHECK(entries_in(disk.text()) == 64);
  CHECK(disk.store("new").load());
  CHECK_FALSE(disk.store("20").load());
  CHECK(disk.store("0").load());
}

TEST_CASE("what is large goes before the file is too large to be read") {
  Disk disk;
  disk.files.time = kNow + 1000;
  const std::string big = R"({"a":")" + std::string(250'000, 'x') + R"("})";
  for (int i = 0; i < 20; ++i) {
    disk.store(std::to_string(i)).save(modern_with(big, Scope::own, kNow + i));
  }
  CHECK(disk.text().size() <= FileEraStore::kLimitBytes);
  CHECK(entries_in(disk.text()) == 16);
  CHECK(disk.store("19").load());
  CHECK_FALSE(disk.store("3").load());
}

TEST_CASE("a file that makes no sense is taken for none, and replaced") {
  Disk disk;
  const std::string large = R"({"version":1,"servers":[]})" + std::string(5u << 20, ' ');
  for (const std::string& text :
       {std::string("{"), std::string(), std::string("[]"), large,
        std::string(R"({"version":0,"servers":[]})"), std::string(R"({"servers":[]})")}) {
    disk.put(text);
    CHECK_FALSE(disk.store().load());
    disk.store().save(record_of(ServerEra::modern, "2026-07-28"));
    CHECK(disk.store().load() == record_of(ServerEra::modern, "2026-07-28"));
    CHECK(entries_in(disk.text()) == 1);
  }
}

TEST_CASE("the file of a newer dogpipe is left alone") {
  Disk disk;
  const std::string newer = R"({"version":2,"servers":{"a":1}})";
  disk.put(newer);
  CHECK_FALSE(disk.store().load());
  disk.store().save(record_of(ServerEra::modern, "2026-07-28"));
  CHECK(disk.text() == newer);
}

TEST_CASE("members of the wrong type or with strange values do no harm") {
  Disk disk;
  disk.store().save(modern_with("{}", Scope::own));
  const std::string good = disk.text();
  const auto changed = [&](std::string_view from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    disk.put(text.replace(at, from.size(), to));
    return disk.store().load();
  };
  const EraRecord bare = record_of(ServerEra::modern, "2026-07-28");
  CHECK(changed(R"("result":"{}")", R"("result":"{")") == bare);
  CHECK(changed(R"("result":"{}")", R"("result":"[]")") == bare);
  CHECK(changed(R"("result":"{}")", R"("result":"{},\"x\":{}")") == bare);
  CHECK(changed(R"("result":"{}")", R"("result":"{}\n{}")") == bare);
  CHECK(changed(R"("result":"{}")", R"("result":{})") == bare);
  CHECK(changed(R"("ttlMs":3600000)", R"("ttlMs":"x")") == bare);
  CHECK(changed(R"("ttlMs":3600000)", R"("ttlMs":-1)") == bare);
  CHECK(changed(R"("ttlMs":3600000)", R"("ttlMs":1e300)")->discovered->ttl == hours(24));
  CHECK(changed(R"("result":"{}")", R"("result":"{ }\n")")->discovered->raw_result == "{}");
  CHECK(changed(R"("revision":"2026-07-28")", R"("revision":"a\nb")")->revision.empty());
  CHECK(changed(R"("cacheScope":"private")", R"("cacheScope":"?")")->discovered->scope ==
        Scope::own);
  const auto unknown = changed(R"("era":"modern")", R"("era":"postmodern")");
  CHECK(unknown->era == ServerEra::unknown);
  CHECK(unknown->discovered);
}

TEST_CASE("a disk that takes nothing is one line for those who look closely") {
  const LogFile log(base::LogLevel::debug);
  Disk disk;
  disk.files.read_only = true;
  FileEraStore store = disk.store();
  store.save(record_of(ServerEra::modern, "2026-07-28"));
  store.save(record_of(ServerEra::legacy, "2025-11-25"));
  CHECK_FALSE(store.load());
  CHECK(log.lines() == std::vector<std::string>{
                           "DEBUG what was found out about the server is not kept: " + disk.path +
                           "/state: read-only file system"});
}

TEST_CASE("without a folder nothing is kept, and nothing said") {
  const LogFile log(base::LogLevel::debug);
  ClockedFiles files;
  FileEraStore store(files, "", kUrl, "me");
  store.save(record_of(ServerEra::modern, "2026-07-28"));
  CHECK_FALSE(store.load());
  CHECK(log.lines().empty());
}

TEST_CASE("what killed processes have left is swept away after a day") {
  Disk disk;
  disk.store().save(record_of(ServerEra::modern, "a"));
  std::ofstream(disk.path + "/state/servers.json.tmp-old") << "x";
  REQUIRE(::chmod((disk.path + "/state/servers.json.tmp-old").c_str(), 0600) == 0);
  const std::int64_t written =
      std::chrono::floor<seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  disk.files.time = written + kDay - 60;
  disk.store().save(record_of(ServerEra::modern, "b"));
  CHECK(disk.names() == std::vector<std::string>{"servers.json", "servers.json.tmp-old"});
  disk.files.time = written + kDay + 60;
  disk.store().save(record_of(ServerEra::modern, "c"));
  CHECK(disk.names() == std::vector<std::string>{"servers.json"});
}

// ---- results

TEST_CASE("a result may be kept if the server says for how long") {
  const struct {
    std::string_view result;
    std::int64_t ttl_ms;  // 0: it may not
    Scope scope;
  } rows[] = {
      {R"({"ttlMs":1000,"cacheScope":"public"})", 1000, Scope::shared},
      {R"({"resultType":"complete","ttlMs":1000,"cacheScope":"private"})", 1000, Scope::own},
      {R"({"ttlMs":1000})", 1000, Scope::own},
      {R"({"ttlMs":1000,"cacheScope":"Public"})", 1000, Scope::own},
      {R"({"ttlMs":1e3,"cacheScope":7})", 1000, Scope::own},
      {R"({"ttlMs":1500.5})", 1500, Scope::own},
      {R"({"ttlMs":86400000})", 86'400'000, Scope::own},
      {R"({"ttlMs":86400001})", 86'400'000, Scope::own},
      {R"({"ttlMs":1e300})", 86'400'000, Scope::own},
      {R"({"ttlMs":1e400})", 0, Scope::own},
      {R"({"ttlMs":0})", 0, Scope::own},
      {R"({"ttlMs":0.5})", 0, Scope::own},
      {R"({"ttlMs":-1})", 0, Scope::own},
      {R"({"ttlMs":"1000"})", 0, Scope::own},
      {R"({"ttlMs":null})", 0, Scope::own},
      {"{}", 0, Scope::own},
      {"[]", 0, Scope::own},
      {R"({"resultType":"input_required","ttlMs":1000})", 0, Scope::own},
      {R"({"resultType":7,"ttlMs":1000})", 0, Scope::own},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.result));
    const auto discovered = read_discovered(row.result, kNow);
    CHECK(discovered.has_value() == (row.ttl_ms != 0));
    if (!discovered) continue;
    CHECK(*discovered ==
          Discovered{std::string(row.result), kNow, milliseconds(row.ttl_ms), row.scope});
  }
}

TEST_CASE("a result is kept in one line, byte for byte apart from that, if it is not too long") {
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  const std::string result =
      "{\n \"ttlMs\": 1000,\r\n\t\"a\" : \"b\\n c\", \"a\":1.50, \"d\":" + deep +
      ",\"s\":\"\\ud800\"}\n";
  const std::string one_line =
      R"({"ttlMs":1000,"a":"b\n c","a":1.50,"d":)" + deep + R"(,"s":"\ud800"})";
  const auto discovered = read_discovered(result, kNow);
  REQUIRE(discovered);
  CHECK(discovered->raw_result == one_line);

  Disk disk;
  EraRecord record = record_of(ServerEra::modern, "2026-07-28");
  record.discovered = discovered;
  disk.store().save(record);
  CHECK(disk.store().load() == record);

  const auto of_size = [](std::size_t size) {
    const std::string frame = R"({"ttlMs":1000,"a":""})";
    std::string text = frame;
    return text.insert(frame.size() - 2, std::string(size - frame.size(), 'x'));
  };
  CHECK(read_discovered(of_size(FileEraStore::kLongestResultBytes), kNow));
  CHECK_FALSE(read_discovered(of_size(FileEraStore::kLongestResultBytes + 1), kNow));
}

}  // namespace
}  // namespace dogpipe::bridge
