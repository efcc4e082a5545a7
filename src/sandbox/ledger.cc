#include "sandbox/ledger.h"

#include <utility>

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::size_t kJournal = 200;
constexpr std::size_t kJournalBody = 16u << 10;

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

void Ledger::note(const event::HttpRequest& request) {
  event::HttpRequest noted{
      request.method, request.path, request.query, {}, request.body.substr(0, kJournalBody)};
  for (const auto& [name, value] : request.fields) {
    // Credentials stay out of what anybody can read.
    if (event::same_field(name, "Authorization") || name.find("KEY") != std::string::npos) continue;
    noted.fields.add(name, value);
  }
  if (request.method == "POST") last_fields = {noted.fields.begin(), noted.fields.end()};
  journal.push_back(std::move(noted));
  if (journal.size() > kJournal) journal.pop_front();
}

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
      .member("input_rounds", input_rounds)
      .member("listens", listens)
      .member("open_listens", open_listens)
      .member("works_begun", works_begun)
      .member("works_done", works_done)
      .member("works_stopped", works_stopped)
      .name("violations");
  write_counts(out, violations);
  out.name("answers").begin_array();
  for (const std::string& answer : answers) out.raw(answer);
  out.end_array().name("last_fields");
  write_texts(out, last_fields);
  out.name("oauth");
  write_oauth(out, oauth);
  return out.end_object().take();
}

std::string Ledger::journal_json() const {
  json::Writer out;
  out.begin_array();
  for (const event::HttpRequest& request : journal) {
    out.begin_object().member("method", request.method).member("path", request.path);
    out.member("query", request.query).name("fields").begin_object();
    for (const auto& [name, value] : request.fields) out.member(name, value);
    out.end_object().member("body", request.body).end_object();
  }
  return out.end_array().take();
}

}  // namespace dogpipe::sandbox
