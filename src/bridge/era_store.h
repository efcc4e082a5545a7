// What was found out about the server, kept for later processes, so that they need not ask again.
//
// Best effort throughout: what cannot be read or written is as if nothing had been found out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "bridge/era.h"

namespace dogpipe::bridge {

// A result of server/discover that may be given out again.
struct Discovered {
  enum class Scope : std::uint8_t { own, shared };  // cacheScope "private" and "public"

  std::string raw_result;  // JSON in one line
  std::int64_t when = 0;   // seconds since 1970
  std::chrono::milliseconds ttl{0};
  Scope scope = Scope::own;

  bool operator==(const Discovered&) const = default;
};

// None unless the result may be kept: it is complete, has a ttlMs above 0, and is not too long.
// Without a cacheScope it is private. `raw_result`: JSON that a Scanner has accepted.
std::optional<Discovered> read_discovered(std::string_view raw_result, std::int64_t now);

struct EraRecord {
  ServerEra era = ServerEra::unknown;
  std::string revision;   // of the modern wire, or as negotiated; may be empty
  std::int64_t when = 0;  // the verdict's: seconds since 1970
  std::optional<Discovered> discovered;

  bool operator==(const EraRecord&) const = default;
};

class EraStore {
 public:
  virtual ~EraStore() = default;
  virtual std::optional<EraRecord> load() = 0;
  virtual void save(const EraRecord& record) = 0;
};

// servers.json in the folder of our state: {"version":1,"servers":[...]}, an entry for each URL and
// identity, members that are not known kept.
//
// There is no lock: a file is complete from the moment it has its name, and of two processes that
// write at the same time one loses what it had to say, which costs somebody one more probe.
class FileEraStore final : public EraStore {
 public:
  static constexpr std::size_t kMostEntries = 64;  // the oldest goes
  static constexpr std::size_t kLimitBytes = 4u << 20;
  static constexpr std::size_t kLongestResultBytes = 256u << 10;
  // How long a legacy verdict is believed. (A server that was upgraded still answers initialize:
  // nothing would ever tell.) A modern one is until something contradicts it.
  static constexpr std::chrono::hours kLegacyLife{24};
  // However long a server allows.
  static constexpr std::chrono::hours kLongestResultLife{24};

  // `files` outlives the store; an empty `folder` (there is no home) keeps nothing. `identity` says
  // whose credential it is: any text, of which only a hash is kept.
  FileEraStore(base::Files& files, std::string folder, std::string endpoint,
               std::string_view identity);

  // A legacy verdict beyond kLegacyLife is unknown, a discover result beyond its time is left out;
  // none if nothing is left. Without an own entry, what another identity has found at the same URL
  // and may share.
  std::optional<EraRecord> load() override;
  // Replaces the entry; an unknown era without a result removes it. A file that cannot be
  // understood is replaced, that of a newer dogpipe left alone.
  void save(const EraRecord& record) override;

 private:
  struct Content;

  base::Result<Content> read(base::Folder& folder) const;
  base::Result<void> write(const EraRecord& record);
  std::int64_t now() const;

  base::Files& files_;
  std::string folder_;
  std::string endpoint_;
  std::string owner_;        // the identity's hash
  bool complained_ = false;  // one line in the log will do
};

}  // namespace dogpipe::bridge
