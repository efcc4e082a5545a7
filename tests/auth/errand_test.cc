#include "auth/errand.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>

#include "auth/stored.h"
#include "flow.h"

namespace dogpipe::auth {
namespace {

using base::Kind;

// Texts of all kinds, the same in every run.
class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  std::string text() {
    static const std::string kPieces[] = {"a",    "Z9",   "\"",       "\\",
                                          "/",    "\n",   "\r\n",     "\t",
                                          "\x01", "\x7f", "\xc3\xa9", "\xf0\x9f\x90\xb6",
                                          "{",    "}",    "null",     "https://h/?a=b&c=%20"};
    std::string out;
    for (std::size_t left = below(6); left > 0; --left) out += kPieces[below(std::size(kPieces))];
    return out;
  }
  base::Secret secret() { return base::Secret(text()); }

 private:
  std::mt19937 engine_;
};

Grant any_grant(Chance& chance) {
  Grant grant = grant_number(static_cast<int>(chance.below(100)));
  grant.profile = "p" + chance.text();
  grant.access_token = chance.secret();
  grant.refresh_token = chance.secret();
  grant.requested_scope = chance.text();
  grant.granted_scope = chance.text();
  grant.user = chance.text();
  grant.organization_name = chance.text();
  if (chance.below(2) == 0) grant.expires_at = static_cast<std::int64_t>(chance.below(1u << 31));
  return grant;
}

std::string picture(const std::optional<Grant>& grant) {
  if (!grant) return "none";
  Stored one;
  one.put(*grant);
  return std::string(write_stored(one)->reveal());
}

TEST_CASE("an errand is read as it was written") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Errand errand;
    errand.task = chance.below(2) == 0 ? Errand::Task::refresh : Errand::Task::sign_in;
    errand.settings = R"({"values":{"--scope":"a b"},"switches":[]})";
    errand.stale = chance.text();
    errand.challenge = {chance.text(), chance.text(), chance.text()};
    errand.scope_before = chance.text();
    if (chance.below(2) == 0) errand.own = any_grant(chance);

    const auto read = read_errand(write_errand(errand).reveal());
    REQUIRE(read);
    CHECK(read->task == errand.task);
    CHECK(read->settings == errand.settings);
    CHECK(read->stale == errand.stale);
    CHECK(read->challenge.resource_metadata == errand.challenge.resource_metadata);
    CHECK(read->challenge.scope == errand.challenge.scope);
    CHECK(read->challenge.error == errand.challenge.error);
    CHECK(read->scope_before == errand.scope_before);
    CHECK(picture(read->own) == picture(errand.own));
  }
}

TEST_CASE("a report is one line, and read as it was written") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Report report;
    report.means = static_cast<Report::Means>(chance.below(3));
    if (report.means == Report::Means::waiting) report.url = chance.text();
    if (report.means == Report::Means::granted) {
      report.grant = any_grant(chance);
      report.stored = chance.below(2) == 0;
    }
    if (report.means == Report::Means::ended) {
      report.end = static_cast<Report::End>(chance.below(5));
      report.what = chance.text();
    }

    const base::Secret line = write_report(report);
    CHECK(line.reveal().find('\n') == line.reveal().size() - 1);
    const auto read = read_report(line.reveal());
    REQUIRE(read);
    CHECK(read->means == report.means);
    CHECK(read->url == report.url);
    CHECK(picture(read->grant) == picture(report.grant));
    CHECK(read->stored == report.stored);
    CHECK(read->end == report.end);
    CHECK(read->what == report.what);
  }
}

TEST_CASE("what is no errand and no report is malformed") {
  for (const char* text : {"", "[]", "{}", "1", "{\"task\":1}", "{\"task\":\"x\"}",
                           R"({"task":"refresh","own":{"version":1}})", "{\"task\":\"refresh\""}) {
    CAPTURE(std::string(text));
    const auto errand = read_errand(text);
    REQUIRE_FALSE(errand);
    CHECK(errand.error().kind == Kind::malformed);
  }
  for (const char* text : {"", "[]", "{}", "1", R"({"ended":"x"})", R"({"ended":1})",
                           R"({"grant":{"version":1}})", R"({"grant":1})", "{\"url\":\"x\""}) {
    CAPTURE(std::string(text));
    const auto report = read_report(text);
    REQUIRE_FALSE(report);
    CHECK(report.error().kind == Kind::malformed);
  }
}

TEST_CASE("an error ends an errand by what can be done about it") {
  const std::pair<Kind, Report::End> rows[] = {
      {Kind::unreachable, Report::End::unreachable},
      {Kind::tls, Report::End::unreachable},
      {Kind::proxy, Report::End::unreachable},
      {Kind::forbidden, Report::End::unreachable},
      {Kind::timed_out, Report::End::unreachable},
      {Kind::cut, Report::End::unreachable},
      {Kind::denied, Report::End::denied},
      {Kind::untrusted, Report::End::denied},
      {Kind::malformed, Report::End::denied},
      {Kind::usage, Report::End::denied},
      {Kind::file, Report::End::denied},
      {Kind::too_large, Report::End::denied},
  };
  for (const auto& [kind, end] : rows) CHECK(end_of({kind, "x"}) == end);
}

}  // namespace
}  // namespace dogpipe::auth
