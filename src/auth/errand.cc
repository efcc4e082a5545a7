#include "auth/errand.h"

#include <array>
#include <utility>

#include "auth/stored.h"
#include "json/reader.h"
#include "json/writer.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;
using base::Secret;

constexpr std::array kEnds = {"done", "busy", "sign_in_needed", "denied", "unreachable"};

void write_grant(json::Writer& out, std::string_view name, const std::optional<Grant>& grant) {
  if (!grant) return;
  Stored one;
  one.put(*grant);
  const auto text = write_stored(one);
  if (!text) return;
  // What is stored has many lines; a report has one.
  if (const auto document = json::read(text->reveal())) out.member(name, document->root());
}

Result<std::optional<Grant>> read_grant(const json::Value& value) {
  if (!value.exists()) return std::optional<Grant>();
  auto stored = read_stored(json::write(value));
  if (!stored) return std::move(stored).error();
  if (stored->grants.size() != 1) return Error{Kind::malformed, "not one grant"};
  return std::optional(std::move(stored->grants.front()));
}

}  // namespace

Secret write_errand(const Errand& errand) {
  json::Writer out;
  out.begin_object();
  out.member("task", errand.task == Errand::Task::refresh ? "refresh" : "sign_in");
  out.raw_member("settings", errand.settings);
  out.member("stale", errand.stale);
  out.name("challenge").begin_object();
  out.member("resource_metadata", errand.challenge.resource_metadata);
  out.member("scope", errand.challenge.scope);
  out.member("error", errand.challenge.error);
  out.end_object();
  out.member("scope_before", errand.scope_before);
  write_grant(out, "own", errand.own);
  return Secret(out.end_object().take());
}

Result<Errand> read_errand(std::string_view text) {
  const auto document = json::read(text);
  if (!document) return document.error();
  const json::Value root = document->root();
  const auto task = root["task"].as_string();
  if (!task) return task.error();
  if (*task != "refresh" && *task != "sign_in") return Error{Kind::malformed, "no such task"};
  Errand errand;
  errand.task = *task == "refresh" ? Errand::Task::refresh : Errand::Task::sign_in;
  errand.settings = json::write(root["settings"]);
  errand.stale = root["stale"].text_or("");
  errand.challenge.resource_metadata = root["challenge"]["resource_metadata"].text_or("");
  errand.challenge.scope = root["challenge"]["scope"].text_or("");
  errand.challenge.error = root["challenge"]["error"].text_or("");
  errand.scope_before = root["scope_before"].text_or("");
  auto own = read_grant(root["own"]);
  if (!own) return std::move(own).error();
  errand.own = std::move(*own);
  return errand;
}

Secret write_report(const Report& report) {
  json::Writer out;
  out.begin_object();
  switch (report.means) {
    case Report::Means::waiting:
      out.member("url", report.url).member("code", report.code);
      break;
    case Report::Means::granted:
      write_grant(out, "grant", report.grant);
      out.member("stored", report.stored);
      break;
    case Report::Means::ended:
      out.member("ended", kEnds.at(static_cast<std::size_t>(report.end)));
      out.member("what", report.what);
      break;
  }
  return Secret(out.end_object().take() + '\n');
}

Result<Report> read_report(std::string_view line) {
  const auto document = json::read(line);
  if (!document) return document.error();
  const json::Value root = document->root();
  Report report;
  if (root["url"].exists()) {
    report.means = Report::Means::waiting;
    report.url = root["url"].text_or("");
    report.code = root["code"].text_or("");
    return report;
  }
  if (root["grant"].exists()) {
    auto grant = read_grant(root["grant"]);
    if (!grant) return std::move(grant).error();
    report.means = Report::Means::granted;
    report.grant = std::move(*grant);
    report.stored = root["stored"].bool_or(true);
    return report;
  }
  const std::string_view end = root["ended"].text_or("");
  for (std::size_t i = 0; i < kEnds.size(); ++i) {
    if (end != kEnds.at(i)) continue;
    report.end = static_cast<Report::End>(i);
    report.what = root["what"].text_or("");
    return report;
  }
  return Error{Kind::malformed, "no report"};
}

Report::End end_of(const Error& error) {
  switch (error.kind) {
    case Kind::unreachable:
    case Kind::tls:
    case Kind::proxy:
    case Kind::forbidden:
    case Kind::timed_out:
    case Kind::cut:
      return Report::End::unreachable;
    default:
      return Report::End::denied;
  }
}

}  // namespace dogpipe::auth
