#include "sandbox/ledger.h"

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

void write_counts(json::Writer& out, const std::map<std::string, int>& counts) {
  out.begin_object();
  for (const auto& [key, count] : counts) out.member(key, count);
  out.end_object();
}

void write_texts(json::Writer& out, const std::map<std::string, std::string>& texts) {
  out.begin_object();
  for (const auto& [name, value] : texts) out.member(name, value);
  out.end_object();
}

void write_list(json::Writer& out, const std::vector<std::string>& texts) {
  out.begin_array();
  for (const std::string& text : texts) out.value(text);
  out.end_array();
}

void write_oauth(json::Writer& out, const OAuthLedger& oauth) {
  out.begin_object()
      .member("discoveries", oauth.discoveries)
      .member("registrations", oauth.registrations)
      .member("authorizations", oauth.authorizations)
      .member("codes_exchanged", oauth.codes_exchanged)
      .member("refreshes", oauth.refreshes)
      .member("refreshes_granted", oauth.refreshes_granted)
      .member("refresh_reuse", oauth.refresh_reuse)
      .member("revocations", oauth.revocations)
      .member("device_polls", oauth.device_polls)
      .member("unexpected", oauth.unexpected)
      .name("discovery_paths");
  write_list(out, oauth.discovery_paths);
  out.name("unexpected_paths");
  write_list(out, oauth.unexpected_paths);
  out.name("last_authorization");
  write_texts(out, oauth.last_authorization);
  out.name("last_token_request");
  write_texts(out, oauth.last_token_request);
  out.member("last_registration", oauth.last_registration).end_object();
}

}  // namespace

std::string Ledger::calls_json() const {
  json::Writer out;
  write_counts(out, calls);
  return out.take();
}

std::string Ledger::stats_json() const {
  json::Writer out;
  out.begin_object().name("requests");
  write_counts(out, requests);
  out.name("http");
  write_counts(out, http);
  out.name("refused");
  write_counts(out, statuses);
  out.member("sessions_opened", sessions_opened)
      .member("sessions_ended", sessions_ended)
      .member("sessions_killed", sessions_killed)
      .member("open_streams", open_streams)
      .member("resumed_streams", resumed_streams)
      .member("cancelled", cancelled)
      .member("posts_without_version", posts_without_version)
      .name("last_fields");
  write_texts(out, last_fields);
  out.name("oauth");
  write_oauth(out, oauth);
  return out.end_object().take();
}

}  // namespace dogpipe::sandbox
