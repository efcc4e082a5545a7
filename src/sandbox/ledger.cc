#include "sandbox/ledger.h"

#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

void write_counts(json::Writer& out, const std::map<std::string, int>& counts) {
  out.begin_object();
  for (const auto& [key, count] : counts) out.member(key, count);
  out.end_object();
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
      .name("last_fields")
      .begin_object();
  for (const auto& [name, value] : last_fields) out.member(name, value);
  return out.end_object().end_object().take();
}

}  // namespace dogpipe::sandbox
