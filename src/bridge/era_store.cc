#include "bridge/era_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "json/reader.h"
#include "json/writer.h"
#include "rpc/envelope.h"
#include "rpc/members.h"
#include "rpc/one_line.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using base::Error;
using base::Kind;
using base::Result;
using json::Value;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kFile = "servers.json";
const std::string kDraft = kFile + ".tmp-";
constexpr std::chrono::hours kDraftLife{24};
constexpr std::int64_t kVersion = 1;
// What stands around the entries, at most, unknown members aside.
constexpr std::size_t kFrameBytes = 64;

constexpr std::pair<ServerEra, std::string_view> kEras[] = {
    {ServerEra::unknown, "unknown"},
    {ServerEra::legacy, "legacy"},
    {ServerEra::modern, "modern"},
    {ServerEra::modern_only, "modern_only"}};
constexpr std::string_view kKnownMembers[] = {"url",      "identity", "era",
                                              "revision", "when",     "discover"};

std::string_view name_of(ServerEra era) {
  return std::find_if(std::begin(kEras), std::end(kEras),
                      [era](const auto& row) { return row.first == era; })
      ->second;
}

ServerEra read_era(std::string_view name) {
  for (const auto& [era, known] : kEras) {
    if (name == known) return era;
  }
  return ServerEra::unknown;
}

// ---- the result

// The JSON text in one line; none if it is no object.
std::optional<std::string> read_result(std::string_view raw) {
  base::Bytes message(rpc::write_result("0", raw));
  auto scanned = rpc::scan(message.view());
  if (!scanned || scanned->shape != rpc::Shape::response) return std::nullopt;
  const std::string_view result = scanned->result.in(message.view());
  // Not more than one value, either.
  if (result.substr(0, 1) != "{" || result != base::trimmed(raw)) return std::nullopt;
  rpc::one_line(message, *scanned);
  return std::string(scanned->result.in(message.view()));
}

bool is_complete(std::string_view raw_result) {
  const auto type = rpc::member(raw_result, "resultType");
  return !type || rpc::string_value(*type) == "complete";
}

milliseconds read_ttl(double ms) {
  constexpr auto kMost = std::chrono::duration_cast<milliseconds>(FileEraStore::kLongestResultLife);
  if (!(ms >= 1)) return milliseconds(0);
  return milliseconds(static_cast<std::int64_t>(std::min(ms, static_cast<double>(kMost.count()))));
}

double number_in(std::string_view raw) {
  const auto document = json::read(raw);
  return document ? document->root().number_or(0) : 0;
}

// ---- age

// What seems to come from the future has no age that could be trusted.
bool is_younger(std::int64_t when, std::int64_t now, milliseconds life) {
  return when <= now && seconds(now - when) < life;
}

EraRecord aged(EraRecord record, std::int64_t now) {
  if (record.discovered && !is_younger(record.discovered->when, now, record.discovered->ttl)) {
    record.discovered.reset();
  }
  if (record.era == ServerEra::legacy && !is_younger(record.when, now, FileEraStore::kLegacyLife)) {
    record.era = ServerEra::unknown;
    record.revision.clear();
  }
  return record;
}

bool says_nothing(const EraRecord& record) {
  return record.era == ServerEra::unknown && !record.discovered;
}

bool is_shared(const EraRecord& record) {
  return record.discovered && record.discovered->scope == Discovered::Scope::shared;
}

// ---- an entry

std::optional<Discovered> read_discover(const Value& object) {
  auto result = read_result(object["result"].text_or({}));
  if (!result) return std::nullopt;
  Discovered discovered;
  discovered.raw_result = std::move(*result);
  discovered.when = object["when"].integer_or(0);
  discovered.ttl = read_ttl(object["ttlMs"].number_or(0));
  if (object["cacheScope"].text_or({}) == "public") discovered.scope = Discovered::Scope::shared;
  return discovered;
}

EraRecord read_record(const Value& entry) {
  EraRecord record;
  record.era = read_era(entry["era"].text_or({}));
  const std::string_view revision = entry["revision"].text_or({});
  if (mcp::valid_revision(revision)) record.revision = revision;
  record.when = std::max<std::int64_t>(entry["when"].integer_or(0), 0);
  record.discovered = read_discover(entry["discover"]);
  return record;
}

void write_discover(json::Writer& out, const Discovered& discovered) {
  const bool shared = discovered.scope == Discovered::Scope::shared;
  out.name("discover").begin_object();
  // As text, so that its names, numbers and nesting are nobody's business here.
  out.member("result", discovered.raw_result)
      .member("when", discovered.when)
      .member("ttlMs", std::int64_t{discovered.ttl.count()})
      .member("cacheScope", std::string_view(shared ? "public" : "private"))
      .end_object();
}

void write_unknown_members(json::Writer& out, const Value& object,
                           std::span<const std::string_view> known) {
  for (const Value member : object) {
    if (std::find(known.begin(), known.end(), member.name()) != known.end()) continue;
    out.name(member.name()).value(member);
  }
}

// `old`: the entry in whose place this one comes, if there is one.
std::string write_entry(const EraRecord& record, std::string_view url, std::string_view owner,
                        const Value& old) {
  json::Writer out;
  out.begin_object().member("url", url).member("identity", owner);
  out.member("era", name_of(record.era)).member("revision", record.revision);
  out.member("when", record.when);
  if (record.discovered) write_discover(out, *record.discovered);
  write_unknown_members(out, old, kKnownMembers);
  return out.end_object().take();
}

// ---- the file

struct Kept {
  std::string json;
  std::int64_t when = 0;
};

// Drops the oldest until the rest fits; the last one is new and stays.
void make_room(std::vector<Kept>& entries, std::size_t room_bytes) {
  std::size_t bytes = 0;
  for (const Kept& entry : entries) bytes += entry.json.size() + 1;
  while (entries.size() > 1 &&
         (entries.size() > FileEraStore::kMostEntries || bytes > room_bytes)) {
    const auto oldest =
        std::min_element(entries.begin(), entries.end() - 1,
                         [](const Kept& a, const Kept& b) { return a.when < b.when; });
    bytes -= oldest->json.size() + 1;
    entries.erase(oldest);
  }
}

std::string write_file(const std::vector<Kept>& entries, std::string_view unknown_members) {
  std::string text = fmt::format("{{\"version\":{},\"servers\":[", kVersion);
  for (const Kept& entry : entries) {
    if (&entry != &entries.front()) text += ',';
    text += '\n' + entry.json;
  }
  text += "]";
  if (unknown_members.size() > 2) {  // {}
    text += ',';
    text += unknown_members.substr(1, unknown_members.size() - 2);
  }
  return text + "}\n";
}

std::string unknown_members_of(const Value& root) {
  constexpr std::string_view kKnown[] = {"version", "servers"};
  json::Writer out;
  out.begin_object();
  write_unknown_members(out, root, kKnown);
  return out.end_object().take();
}

// Of processes that were killed. What cannot be removed does no harm.
void sweep(base::Folder& folder, base::WallTime now) {
  const auto drafts = folder.list(kDraft);
  if (!drafts) return;
  for (const base::Folder::Entry& draft : *drafts) {
    if (now - draft.written > kDraftLife) static_cast<void>(folder.remove(draft.name));
  }
}

Result<void> replace(base::Folder& folder, std::string_view text) {
  auto draft = folder.draft(kDraft, 0);
  if (!draft) return draft.error();
  if (auto written = (*draft)->write(text); !written) return written;
  return (*draft)->publish(kFile);
}

}  // namespace

std::optional<Discovered> read_discovered(std::string_view raw_result, std::int64_t now) {
  if (raw_result.size() > FileEraStore::kLongestResultBytes || !is_complete(raw_result)) {
    return std::nullopt;
  }
  const milliseconds ttl = read_ttl(number_in(rpc::member(raw_result, "ttlMs").value_or("")));
  auto result = read_result(raw_result);
  if (!result || ttl.count() == 0) return std::nullopt;
  const auto scope = rpc::string_value(rpc::member(raw_result, "cacheScope").value_or(""));
  return Discovered{std::move(*result), now, ttl,
                    scope == "public" ? Discovered::Scope::shared : Discovered::Scope::own};
}

// What the file says. Without a document: there is none, or none that can be understood.
struct FileEraStore::Content {
  std::optional<json::Document> document;

  Value root() const { return document ? document->root() : Value(); }
  Value entry(std::string_view url, std::string_view owner) const {
    for (const Value entry : root()["servers"]) {
      if (entry["url"].text_or({}) == url && entry["identity"].text_or({}) == owner) return entry;
    }
    return {};
  }
};

// Hashed together with the URL, so that the file does not tell which servers share a credential.
FileEraStore::FileEraStore(base::Files& files, std::string folder, std::string endpoint,
                           std::string_view identity)
    : files_(files),
      folder_(std::move(folder)),
      endpoint_(std::move(endpoint)),
      owner_(crypto::sha256_hex(endpoint_ + '\n' + std::string(identity))) {}

std::int64_t FileEraStore::now() const {
  return std::chrono::floor<seconds>(files_.now()).time_since_epoch().count();
}

Result<FileEraStore::Content> FileEraStore::read(base::Folder& folder) const {
  auto bytes = folder.read(kFile, kLimitBytes);
  if (!bytes) {
    if (bytes.error().kind == Kind::too_large) return Content();
    return bytes.error();
  }
  if (!*bytes) return Content();
  auto document = json::read(**bytes, json::Limits{.bytes = kLimitBytes});
  if (!document) return Content();
  const auto version = document->root()["version"].as_integer();
  if (!version || *version < 1) return Content();
  if (*version > kVersion) return Error{Kind::file, "written by a newer dogpipe"};
  Content content;
  content.document.emplace(std::move(*document));
  return content;
}

std::optional<EraRecord> FileEraStore::load() {
  if (folder_.empty()) return std::nullopt;
  const auto folder = files_.open(folder_, base::Files::Missing::accept);
  if (!folder || !*folder) return std::nullopt;
  const auto content = read(**folder);
  if (!content) return std::nullopt;

  const std::int64_t time = now();
  EraRecord best = aged(read_record(content->entry(endpoint_, owner_)), time);
  if (!says_nothing(best)) return best;
  for (const Value entry : content->root()["servers"]) {
    if (entry["url"].text_or({}) != endpoint_) continue;
    EraRecord record = aged(read_record(entry), time);
    if (is_shared(record) && (!best.discovered || record.when > best.when))
      best = std::move(record);
  }
  if (says_nothing(best)) return std::nullopt;
  return best;
}

void FileEraStore::save(const EraRecord& record) {
  if (folder_.empty()) return;
  const auto written = write(record);
  if (written || complained_) return;
  complained_ = true;
  base::log(base::LogLevel::debug, "what was found out about the server is not kept: {}",
            written.error().what);
}

Result<void> FileEraStore::write(const EraRecord& record) {
  const auto folder = files_.open(folder_, base::Files::Missing::create);
  if (!folder) return folder.error();
  const auto content = read(**folder);
  if (!content) return content.error();
  const Value old = content->entry(endpoint_, owner_);
  if (old.exists() ? read_record(old) == record : says_nothing(record)) return {};

  std::vector<Kept> entries;
  for (const Value entry : content->root()["servers"]) {
    const bool own =
        entry["url"].text_or({}) == endpoint_ && entry["identity"].text_or({}) == owner_;
    if (!own) entries.push_back({json::write(entry), entry["when"].integer_or(0)});
  }
  if (!says_nothing(record)) {
    entries.push_back({write_entry(record, endpoint_, owner_, old), record.when});
  }
  const std::string unknown = unknown_members_of(content->root());
  make_room(entries, kLimitBytes - std::min(kLimitBytes, unknown.size() + kFrameBytes));
  sweep(**folder, files_.now());
  return replace(**folder, write_file(entries, unknown));
}

}  // namespace dogpipe::bridge
