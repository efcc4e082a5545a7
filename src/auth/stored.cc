#include "auth/stored.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "auth/older_client.h"
#include "json/reader.h"
#include "json/writer.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;
using json::Value;

constexpr std::array<std::pair<std::string_view, ClientIdentity::Source>, 3> kSources = {{
    {"given", ClientIdentity::Source::given},
    {"document", ClientIdentity::Source::document},
    {"registered", ClientIdentity::Source::registered},
}};

// An object that is read member by member: the first thing wrong is remembered, and so are the
// names asked for, which makes the others the unknown ones. Absent and null leave what is there.
// Seconds since 1970, up to the end of the year 9999.
Result<std::int64_t> read_time(const Value& value) {
  constexpr std::int64_t kLast = 253402300799;
  auto number = value.as_integer();
  if (!number) return number;
  return std::clamp<std::int64_t>(*number, 0, kLast);
}

class Members {
 public:
  explicit Members(const Value& object) : object_(object) {
    if (auto checked = object.as_object(); !checked) error_ = checked.error();
  }

  Value take(std::string_view name) {
    known_.push_back(name);
    return object_[name];
  }
  template <class Out, class Reader>
  void read(std::string_view name, Out& out, Reader reader) {
    const Value value = take(name);
    if (!value.exists() || value.type() == json::Type::null) return;
    keep(reader(value), out);
  }
  void read(std::string_view name, std::string& out) {
    read(name, out, [](const Value& value) { return value.as_string(); });
  }
  void read(std::string_view name, base::Secret& out) {
    read(name, out, [](const Value& value) { return value.as_secret(); });
  }
  void read(std::string_view name, std::int64_t& out) { read(name, out, read_time); }
  void read(std::string_view name, std::optional<std::int64_t>& out) { read(name, out, read_time); }
  void refuse(Error error) {
    if (!error_) error_ = std::move(error);
  }

  UnknownMembers unknown() const {
    UnknownMembers found;
    for (const Value member : object_) {
      if (std::find(known_.begin(), known_.end(), member.name()) != known_.end()) continue;
      found.push_back({std::string(member.name()), base::Secret(json::write(member))});
    }
    return found;
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  template <class Value, class Out>
  void keep(Result<Value> value, Out& out) {
    if (value) {
      out = std::move(*value);
    } else {
      refuse(value.error());
    }
  }

  Value object_;
  std::vector<std::string_view> known_;
  std::optional<Error> error_;
};

Error wrong(const Value& value, std::string_view what) {
  return Error{Kind::malformed, fmt::format("{}: {}", value.path(), what)};
}

Result<ClientIdentity::Source> read_source(const Value& value) {
  for (const auto& [name, source] : kSources) {
    if (value.text_or({}) == name) return source;
  }
  return wrong(value, "not a source of a client");
}

Result<ClientAuth> read_auth(const Value& value) {
  if (const auto auth = read_client_auth(value.text_or({}))) return *auth;
  return wrong(value, "not a way of client authentication");
}

Result<std::uint64_t> read_generation(const Value& value) {
  const auto number = value.as_integer();
  if (!number) return number.error();
  if (*number < 0) return wrong(value, "negative");
  return static_cast<std::uint64_t>(*number);
}

// The issuer alone, where an older client left no more.
Result<ServerMetadata> read_server(const Value& value) {
  if (!value.is_object() || value["token_endpoint"].exists()) return read_server_metadata(value);
  ServerMetadata server;
  server.issuer = value["issuer"].text_or({});
  return server;
}

void read_client(Members& members, ClientIdentity& client) {
  members.read("client_source", client.source, read_source);
  members.read("client_id", client.id);
  members.read("client_secret", client.secret);
  members.read("client_auth", client.auth, read_auth);
  members.read("redirect_uri", client.redirect_uri);
  members.read("client_secret_expires_at", client.secret_expires_at);
}

Result<Grant> read_grant(const Value& object) {
  Members members(object);
  Grant grant;
  members.read("profile", grant.profile);
  members.read("endpoint", grant.endpoint);
  members.read("server", grant.server, read_server);
  read_client(members, grant.client);
  members.read("resource", grant.resource);
  members.read("requested_scope", grant.requested_scope);
  members.read("granted_scope", grant.granted_scope);
  members.read("access_token", grant.access_token);
  members.read("refresh_token", grant.refresh_token);
  members.read("issued_at", grant.issued_at);
  members.read("expires_at", grant.expires_at);
  members.read("signed_in_at", grant.signed_in_at);
  members.read("refreshed_at", grant.refreshed_at);
  members.read("generation", grant.generation, read_generation);
  members.read("user", grant.user);
  members.read("organization", grant.organization);
  members.read("organization_name", grant.organization_name);
  members.read("site", grant.site);
  if (grant.endpoint.empty()) members.refuse(wrong(object, "a grant without an endpoint"));
  if (members.error()) return *members.error();
  grant.unknown = members.unknown();
  return grant;
}

Result<Registration> read_registration(const Value& object) {
  Members members(object);
  Registration registration;
  members.read("issuer", registration.issuer);
  read_client(members, registration.client);
  if (members.error()) return *members.error();
  registration.unknown = members.unknown();
  return registration;
}

template <class Item>
Result<std::vector<Item>> read_list(const Value& array, Result<Item> (*read_item)(const Value&)) {
  const auto items = array.as_array();
  if (!items) return items.error();
  std::vector<Item> list;
  for (const Value item : *items) {
    auto read = read_item(item);
    if (!read) return read.error();
    list.push_back(std::move(*read));
  }
  return list;
}

Result<void> check_version(const Value& version) {
  const auto number = version.as_integer();
  if (!number) return number.error();
  if (*number < 1) return wrong(version, "no such version");
  if (*number == kStoredVersion) return {};
  return Error{Kind::file, fmt::format("written by a newer dogpipe (format {}, {} is known here): "
                                       "update dogpipe, or move the file away and sign in again",
                                       *number, kStoredVersion)};
}

class ObjectWriter {
 public:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) out_.member(name, value);
  }
  void secret(std::string_view name, const base::Secret& value) { text(name, value.reveal()); }
  void number(std::string_view name, std::int64_t value) {
    if (value != 0) out_.member(name, value);
  }
  void number(std::string_view name, std::optional<std::int64_t> value) {
    if (value) out_.member(name, *value);
  }
  void unknown(const UnknownMembers& members) {
    for (const UnknownMember& member : members) out_.raw_member(member.name, member.json.reveal());
  }
  json::Writer& json() { return out_; }

 private:
  json::Writer out_{json::Writer::Layout::pretty};
};

std::string_view name_of(ClientIdentity::Source source) {
  for (const auto& [name, known] : kSources) {
    if (known == source) return name;
  }
  return {};
}

void write_client(ObjectWriter& out, const ClientIdentity& client) {
  out.text("client_source", name_of(client.source));
  out.text("client_id", client.id);
  out.secret("client_secret", client.secret);
  out.text("client_auth", auth::name_of(client.auth));
  out.text("redirect_uri", client.redirect_uri);
  out.number("client_secret_expires_at", client.secret_expires_at);
}

void write_server(json::Writer& out, const ServerMetadata& server) {
  out.name("server");
  if (!server.token_endpoint.empty()) {
    out.raw(write_server_metadata(server));
  } else {
    out.begin_object().member("issuer", server.issuer).end_object();
  }
}

std::int64_t bounded(std::uint64_t number) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(number, static_cast<std::uint64_t>(kMost)));
}

void write_grant(ObjectWriter& out, const Grant& grant) {
  out.json().begin_object();
  out.text("profile", grant.profile);
  out.text("endpoint", grant.endpoint);
  write_server(out.json(), grant.server);
  write_client(out, grant.client);
  out.text("resource", grant.resource);
  out.text("requested_scope", grant.requested_scope);
  out.text("granted_scope", grant.granted_scope);
  out.secret("access_token", grant.access_token);
  out.secret("refresh_token", grant.refresh_token);
  out.number("issued_at", grant.issued_at);
  out.number("expires_at", grant.expires_at);
  out.number("signed_in_at", grant.signed_in_at);
  out.number("refreshed_at", grant.refreshed_at);
  out.number("generation", bounded(grant.generation));
  out.text("user", grant.user);
  out.text("organization", grant.organization);
  out.text("organization_name", grant.organization_name);
  out.text("site", grant.site);
  out.unknown(grant.unknown);
  out.json().end_object();
}

void write_registration(ObjectWriter& out, const Registration& registration) {
  out.json().begin_object();
  out.text("issuer", registration.issuer);
  write_client(out, registration.client);
  out.unknown(registration.unknown);
  out.json().end_object();
}

Result<Stored> read_version_1(const Value& root) {
  Members members(root);
  Stored stored;
  members.take("version");
  members.read("grants", stored.grants,
               [](const Value& list) { return read_list<Grant>(list, read_grant); });
  members.read("registrations", stored.registrations,
               [](const Value& list) { return read_list<Registration>(list, read_registration); });
  if (members.error()) return *members.error();
  stored.unknown = members.unknown();
  return stored;
}

}  // namespace

base::Result<Stored> read_stored(std::string_view bytes) {
  const auto document = json::read(bytes, json::Limits{.bytes = kStoredLimitBytes});
  if (!document) return document.error();
  const Value root = document->root();
  if (is_older_client(root)) return read_older_client(root);
  if (auto known = check_version(root["version"]); !known) return known.error();
  return read_version_1(root);
}

base::Result<base::Secret> write_stored(const Stored& stored) {
  ObjectWriter out;
  out.json().begin_object().member("version", kStoredVersion).name("grants").begin_array();
  for (const Grant& grant : stored.grants) write_grant(out, grant);
  out.json().end_array().name("registrations").begin_array();
  for (const Registration& registration : stored.registrations) {
    write_registration(out, registration);
  }
  out.json().end_array();
  out.unknown(stored.unknown);
  base::Secret text(out.json().end_object().take() + "\n");
  if (text.reveal().size() > kStoredLimitBytes) {
    return Error{Kind::file, "more sign-ins than the file may hold: sign out of some"};
  }
  // A file that reads as corrupt would cost every sign-in in it.
  if (auto again = read_stored(text.reveal()); !again) {
    return Error{Kind::file, std::move(again.error()).during("what is to be stored").what};
  }
  return text;
}

}  // namespace dogpipe::auth
