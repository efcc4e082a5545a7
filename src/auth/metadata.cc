#include "auth/metadata.h"

#include <cstddef>
#include <utility>

#include "json/writer.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kTextLimitBytes = 4 * 1024;
constexpr std::size_t kListLimit = 256;

base::Error malformed(base::Error why) {
  why.kind = base::Kind::malformed;
  return why;
}

base::Error malformed(const json::Value& where, const char* why) {
  return {base::Kind::malformed, where.path() + ": " + why};
}

base::Result<json::Document> read_document(std::string_view body) {
  json::Limits limits;
  limits.bytes = 256 * 1024;
  auto document = json::read(body, limits);
  if (!document) return malformed(std::move(document).error());
  return document;
}

// Takes member after member out of an object and remembers the first that is wrong.
class Members {
 public:
  explicit Members(const json::Value& object) : object_(object) {
    if (auto is_object = object.as_object(); !is_object) fault_ = std::move(is_object).error();
  }

  // Empty if there is none.
  std::string text(std::string_view name) {
    auto text = checked(object_[name].as_optional_string());
    if (!text || !*text) return {};
    if ((*text)->size() > kTextLimitBytes) put(malformed(object_[name], "too long"));
    return std::move(**text);
  }

  std::string wanted_text(std::string_view name) {
    std::string found = text(name);
    if (found.empty()) put(malformed(object_[name], "missing or empty"));
    return found;
  }

  std::optional<std::vector<std::string>> list(std::string_view name) {
    const json::Value value = object_[name];
    if (!value.exists() || value.type() == json::Type::null) return std::nullopt;
    auto items = checked(value.as_strings());
    if (!items) return std::nullopt;
    if (items->size() > kListLimit) put(malformed(value, "too many entries"));
    for (const std::string& item : *items) {
      if (item.size() > kTextLimitBytes) put(malformed(value, "an entry that is too long"));
    }
    return items;
  }

  bool flag(std::string_view name) {
    const json::Value value = object_[name];
    if (!value.exists() || value.type() == json::Type::null) return false;
    return checked(value.as_bool()).value_or(false);
  }

  void put(base::Error fault) {
    if (!fault_) fault_ = std::move(fault);
  }

  // `whole`, or the fault.
  template <class Whole>
  base::Result<Whole> outcome(Whole whole) && {
    if (fault_) return *std::move(fault_);
    return whole;
  }

 private:
  template <class T>
  std::optional<T> checked(base::Result<T> result) {
    if (result) return *std::move(result);
    put(std::move(result).error());
    return std::nullopt;
  }

  json::Value object_;
  std::optional<base::Error> fault_;
};

class ObjectWriter {
 public:
  ObjectWriter() { out_.begin_object(); }

  void text(std::string_view name, const std::string& text) {
    if (!text.empty()) out_.member(name, text);
  }
  void list(std::string_view name, const std::optional<std::vector<std::string>>& items) {
    if (!items) return;
    out_.name(name).begin_array();
    for (const std::string& item : *items) out_.value(item);
    out_.end_array();
  }
  void flag(std::string_view name, bool set) {
    if (set) out_.member(name, true);
  }
  std::string take() && { return out_.end_object().take(); }

 private:
  json::Writer out_;
};

}  // namespace

base::Result<ResourceMetadata> read_resource_metadata(std::string_view body) {
  auto document = read_document(body);
  if (!document) return std::move(document).error();
  Members members(document->root());
  ResourceMetadata metadata;
  metadata.resource = members.wanted_text("resource");
  metadata.authorization_servers =
      members.list("authorization_servers").value_or(std::vector<std::string>());
  metadata.scopes = members.list("scopes_supported");
  if (metadata.authorization_servers.empty()) {
    members.put({base::Kind::malformed, "$.authorization_servers: missing or empty"});
  }
  return std::move(members).outcome(std::move(metadata));
}

base::Result<ServerMetadata> read_server_metadata(std::string_view body) {
  auto document = read_document(body);
  if (!document) return std::move(document).error();
  return read_server_metadata(document->root());
}

base::Result<ServerMetadata> read_server_metadata(const json::Value& object) {
  Members members(object);
  ServerMetadata metadata;
  metadata.issuer = members.wanted_text("issuer");
  metadata.authorization_endpoint = members.text("authorization_endpoint");
  metadata.token_endpoint = members.wanted_text("token_endpoint");
  metadata.registration_endpoint = members.text("registration_endpoint");
  metadata.revocation_endpoint = members.text("revocation_endpoint");
  metadata.device_authorization_endpoint = members.text("device_authorization_endpoint");
  metadata.scopes = members.list("scopes_supported");
  metadata.challenge_methods = members.list("code_challenge_methods_supported");
  metadata.token_auth_methods = members.list("token_endpoint_auth_methods_supported");
  metadata.grant_types = members.list("grant_types_supported");
  metadata.client_id_metadata_documents = members.flag("client_id_metadata_document_supported");
  metadata.names_issuer_in_response =
      members.flag("authorization_response_iss_parameter_supported");
  return std::move(members).outcome(std::move(metadata));
}

std::string write_server_metadata(const ServerMetadata& metadata) {
  ObjectWriter out;
  out.text("issuer", metadata.issuer);
  out.text("authorization_endpoint", metadata.authorization_endpoint);
  out.text("token_endpoint", metadata.token_endpoint);
  out.text("registration_endpoint", metadata.registration_endpoint);
  out.text("revocation_endpoint", metadata.revocation_endpoint);
  out.text("device_authorization_endpoint", metadata.device_authorization_endpoint);
  out.list("scopes_supported", metadata.scopes);
  out.list("code_challenge_methods_supported", metadata.challenge_methods);
  out.list("token_endpoint_auth_methods_supported", metadata.token_auth_methods);
  out.list("grant_types_supported", metadata.grant_types);
  out.flag("client_id_metadata_document_supported", metadata.client_id_metadata_documents);
  out.flag("authorization_response_iss_parameter_supported", metadata.names_issuer_in_response);
  return std::move(out).take();
}

}  // namespace dogpipe::auth
