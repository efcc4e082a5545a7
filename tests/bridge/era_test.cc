#include "bridge/era.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "rpc/envelope.h"

namespace dogpipe::bridge {
namespace {

Message message_of(std::string_view body) {
  const rpc::Scanned scanned = rpc::scan(body);
  REQUIRE(scanned);
  Message message;
  message.owned = base::Bytes(body);
  message.text = message.owned.view();
  message.envelope = *scanned;
  return message;
}

// What an exchange hands over for that status and body.
Outcome outcome_of(int status, std::string_view body) {
  Outcome outcome;
  outcome.status = status;
  outcome.body_left = true;
  outcome.error_body = body;
  if (body.substr(0, 1) == "<") outcome.media_type = "text/html";
  if (body.substr(0, 1) == "{") outcome.message = message_of(body);
  return outcome;
}

std::string error(int code, std::string_view data = {}) {
  return R"({"jsonrpc":"2.0","id":null,"error":{"code":)" + std::to_string(code) +
         R"(,"message":"m")" + (data.empty() ? "" : R"(,"data":)" + std::string(data)) + "}}";
}

std::string unsupported(std::string_view list) {
  return error(-32022, R"({"supported":)" + std::string(list) + R"(,"requested":"2026-07-28"})");
}

std::string result(std::string_view raw) {
  return R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(raw) + "}";
}

std::string described(const ProbeFinding& finding) {
  constexpr std::string_view kMeans[] = {"modern", "incompatible", "legacy", "mend and retry",
                                         "no evidence"};
  std::string text(kMeans[static_cast<int>(finding.means)]);
  if (!finding.revision.empty()) text += " " + finding.revision;
  for (const std::string& revision : finding.supported) text += " +" + revision;
  return text;
}

// ---- the host

TEST_CASE("a host's era is in each of its messages") {
  const std::string modern =
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})";
  const std::string older = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}})";
  const std::string broken = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7}})";
  const std::string other = R"({"_meta":{"progressToken":1},"protocolVersion":"2026-07-28"})";
  const struct {
    std::string_view method, params;
    HostSays says;
  } rows[] = {
      {"initialize", R"({"protocolVersion":"2025-11-25"})", HostSays::initialize},
      {"initialize", other, HostSays::initialize},
      {"initialize", older, HostSays::initialize},
      {"initialize", broken, HostSays::initialize},
      {"initialize", "", HostSays::initialize},
      {"initialize", modern, HostSays::modern_request},
      {"server/discover", modern, HostSays::discover},
      {"server/discover", older, HostSays::discover},
      {"server/discover", "", HostSays::discover},
      {"tools/list", modern, HostSays::modern_request},
      // Of the wrong revision or type, but not legacy.
      {"tools/list", older, HostSays::modern_request},
      {"tools/list", broken, HostSays::modern_request},
      {"tools/list", other, HostSays::legacy_request},
      {"tools/list", "{}", HostSays::legacy_request},
      {"tools/list", "[]", HostSays::legacy_request},
      {"tools/list", "", HostSays::legacy_request},
      {"ping", "", HostSays::legacy_request},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.method) + " " + std::string(row.params));
    CHECK(host_says(row.method, row.params) == row.says);
  }
}

// ---- the server

TEST_CASE("what a probe's answer with a 2xx status says of the server") {
  const struct {
    std::string body, finding;
  } rows[] = {
      {result(R"({"supportedVersions":["2026-07-28"]})"), "modern 2026-07-28 +2026-07-28"},
      {result(R"({"x":1,"supportedVersions":["2025-11-25","2026-07-28","2099-01-01"]})"),
       "modern 2026-07-28 +2025-11-25 +2026-07-28 +2099-01-01"},
      {result(R"({"supportedVersions":["2025-06-18","2025-11-25"]})"),
       "legacy +2025-06-18 +2025-11-25"},
      {result(R"({"supportedVersions":["2099-01-01"]})"), "incompatible +2099-01-01"},
      {result(R"({"supportedVersions":["2099-01-01","2025-11-25"]})"),
       "legacy +2099-01-01 +2025-11-25"},
      {result(R"({"supportedVersions":[]})"), "legacy"},
      {result(R"({"supportedVersions":"2026-07-28"})"), "legacy"},
      {result(R"({"supportedVersions":[7,null,["2026-07-28"],"a b","\r\n"]})"), "legacy"},
      {result(R"({"protocolVersion":"2026-07-28"})"), "legacy"},
      {result("{}"), "legacy"},
      {error(-32601), "legacy"},
      {error(-32600), "legacy"},
      {error(-32602), "legacy"},
      {error(-32000), "legacy"},
      {error(-32020), "legacy"},
      {error(-32021), "legacy"},
      {error(-32022), "legacy"},
      // With the status of a success, but unmistakable.
      {unsupported(R"(["2026-07-28"])"), "modern 2026-07-28 +2026-07-28"},
      {unsupported(R"(["2099-01-01"])"), "incompatible +2099-01-01"},
      {unsupported(R"(["2025-11-25"])"), "legacy +2025-11-25"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    CHECK(described(read_probe(message_of(row.body))) == row.finding);
  }
}

TEST_CASE("what a probe that failed says of the server") {
  const struct {
    int status;
    std::string body, finding;
  } rows[] = {
      {400, unsupported(R"(["2026-07-28"])"), "modern 2026-07-28 +2026-07-28"},
      {400, unsupported(R"(["2025-11-25","2026-07-28"])"),
       "modern 2026-07-28 +2025-11-25 +2026-07-28"},
      {400, unsupported(R"(["2026-08-01","2099-01-01"])"), "incompatible +2026-08-01 +2099-01-01"},
      {400, unsupported(R"(["2025-03-26","2025-11-25"])"), "legacy +2025-03-26 +2025-11-25"},
      {400, unsupported(R"(["2099-01-01","2025-11-25"])"), "legacy +2099-01-01 +2025-11-25"},
      {400, unsupported("[]"), "incompatible"},
      {400, unsupported("7"), "incompatible"},
      {400, error(-32022), "incompatible"},
      {404, error(-32022), "legacy"},
      {422, unsupported(R"(["2026-07-28"])"), "modern 2026-07-28 +2026-07-28"},
      {400, error(-32020), "mend and retry"},
      {400, error(-32021), "mend and retry"},
      {404, error(-32020), "legacy"},
      {405, error(-32021), "legacy"},
      {400, error(-32000), "legacy"},
      {400, error(-32001), "legacy"},
      {400, error(-32003), "legacy"},
      {400, error(-32004, R"({"supported":["2026-07-28"]})"), "legacy"},
      {400, error(-32602), "legacy"},
      {400, error(-32601), "legacy"},
      {404, error(-32601), "legacy"},
      {400, "", "legacy"},
      {400, "<html>", "legacy"},
      {400, "no JSON", "legacy"},
      {404, "<html>", "legacy"},
      {404, "", "legacy"},
      {405, "", "legacy"},
      {406, "", "legacy"},
      {410, "", "legacy"},
      {415, error(-32600), "legacy"},
      // The credential, the gateway, this moment: whatever the body says.
      {401, error(-32020), "no evidence"},
      {401, "", "no evidence"},
      {403, unsupported(R"(["2026-07-28"])"), "no evidence"},
      {403, "<html>", "no evidence"},
      {407, "", "no evidence"},
      {408, "", "no evidence"},
      {421, "", "no evidence"},
      {425, "", "no evidence"},
      {429, error(-32020), "no evidence"},
      {500, unsupported(R"(["2026-07-28"])"), "no evidence"},
      {502, "<html>", "no evidence"},
      {503, error(-32601), "no evidence"},
      {302, "", "no evidence"},
      {200, "<html>", "no evidence"},
      {202, "", "no evidence"},
      {204, "", "no evidence"},
      {0, "", "no evidence"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    CHECK(described(read_probe(outcome_of(row.status, row.body))) == row.finding);
  }
}

TEST_CASE("what is mended once and refused again is taken for legacy") {
  Probe second;
  second.mended = true;
  CHECK(described(read_probe(outcome_of(400, error(-32020)), second)) == "legacy");
  CHECK(described(read_probe(outcome_of(400, error(-32021)), second)) == "legacy");
  CHECK(described(read_probe(outcome_of(400, unsupported(R"(["2026-07-28"])")), second)) ==
        "modern 2026-07-28 +2026-07-28");
}

TEST_CASE("the newest revision that both sides know is chosen") {
  constexpr std::string_view kBoth[] = {"2026-07-28", "2099-01-01"};
  constexpr std::string_view kNewer[] = {"2099-01-01"};
  const Message answer =
      message_of(result(R"({"supportedVersions":["2099-01-01","2026-07-28","2100-01-01"]})"));
  CHECK(read_probe(answer, {kBoth, false}).revision == "2099-01-01");
  CHECK(read_probe(answer, {kNewer, false}).revision == "2099-01-01");
  CHECK(read_probe(answer).revision == "2026-07-28");
  CHECK(read_probe(answer, {{}, false}).means == ProbeFinding::Means::incompatible);
}

TEST_CASE("a list of revisions without end is cut") {
  std::string list = R"(["2025-11-25")";
  for (int i = 0; i < 1000; ++i) list += R"(,"2025-11-25")";
  CHECK(read_probe(message_of(result(R"({"supportedVersions":)" + list + "]}"))).supported.size() ==
        64);
}

TEST_CASE("a body that did not arrive whole says nothing") {
  for (const base::Kind kind : {base::Kind::cut, base::Kind::timed_out}) {
    Outcome outcome = outcome_of(400, "");
    outcome.error = base::Error{kind, "e"};
    CHECK(described(read_probe(outcome)) == "no evidence");
    CHECK_FALSE(wants_http_sse(outcome));
  }
  Outcome large = outcome_of(404, "");  // no modern error is that long
  large.error = base::Error{base::Kind::too_large, "e"};
  CHECK(described(read_probe(large)) == "legacy");
  CHECK(wants_http_sse(large));
}

TEST_CASE("a refused initialize and the look for HTTP+SSE exclude each other") {
  const struct {
    int status;
    std::string body;
    bool refuses, wants_sse;
  } rows[] = {
      {400, error(-32020), true, false},
      {400, error(-32021), true, false},
      {400, unsupported(R"(["2026-07-28"])"), true, false},
      {400, error(-32602), true, false},
      {404, error(-32601), true, false},
      {400, error(-32601), false, true},
      {404, error(-32602), false, true},
      {404, error(-32022), false, true},
      {400, error(-32000), false, true},
      {400, error(-32600), false, true},
      {400, "", false, true},
      {400, "<html>", false, true},
      {404, "", false, true},
      {404, "<html>", false, true},
      {405, "", false, true},
      {405, error(-32000), false, true},
      {405, error(-32601), false, true},
      {406, "", false, false},
      {410, "", false, false},
      {401, error(-32020), false, false},
      {403, error(-32022), false, false},
      {429, "", false, false},
      {500, error(-32601), false, false},
      {503, "", false, false},
      {200, "<html>", false, false},
      {202, "", false, false},
      {0, "", false, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    CHECK(refuses_initialize(outcome_of(row.status, row.body)) == row.refuses);
    CHECK(wants_http_sse(outcome_of(row.status, row.body)) == row.wants_sse);
  }
}

TEST_CASE("an answer to initialize that no legacy server gives is worth a probe") {
  CHECK(refuses_initialize(message_of(error(-32601))));
  CHECK(refuses_initialize(message_of(unsupported("[]"))));
  CHECK_FALSE(refuses_initialize(message_of(error(-32602))));
  CHECK_FALSE(refuses_initialize(message_of(error(-32000))));
  CHECK_FALSE(refuses_initialize(message_of(result(R"({"protocolVersion":"2025-11-25"})"))));
  CHECK_FALSE(refuses_initialize(message_of(result(R"({"code":-32601})"))));
  CHECK_FALSE(refuses_initialize(
      message_of(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601.5,"message":"m"}})")));
  CHECK_FALSE(refuses_initialize(
      message_of(R"({"jsonrpc":"2.0","id":1,"error":{"code":"-32601","message":"m"}})")));
}

// ---- both

constexpr HostSays kSays[] = {HostSays::initialize, HostSays::legacy_request, HostSays::discover,
                              HostSays::modern_request};

// A letter for each of kSays: Legacy relay, Modern relay, Ascend, Descend, Probe, deCline.
std::string routes(ServerEra era, const EraPolicy& policy) {
  std::string letters;
  for (const HostSays says : kSays) {
    letters += "LMADPC"[static_cast<int>(route(says, era, policy))];
  }
  return letters;
}

std::string routes(ServerEra era, Override override_era, bool synthesize = false) {
  return routes(era, EraPolicy{override_era, synthesize, false});
}

TEST_CASE("an answer that the era of the verdict does not know puts it in doubt") {
  const struct {
    int status;
    int code;  // 0: no message
    bool modern, legacy;
  } rows[] = {
      {404, 0, true, true},       {405, 0, true, true},        {400, 0, true, true},
      {400, -32000, true, true},  {400, -32020, false, true},  {400, -32021, false, true},
      {400, -32022, false, true}, {400, -32602, false, true},  {404, -32601, false, true},
      {404, -32602, true, true},  {400, -32601, true, true},   {200, -32601, false, true},
      {200, -32022, false, true}, {200, -32602, false, false}, {200, 0, false, false},
      {401, 0, false, false},     {403, -32000, false, false}, {429, 0, false, false},
      {500, 0, false, false},     {503, -32000, false, false}, {0, 0, false, false},
  };
  for (const auto& row : rows) {
    CAPTURE(fmt::format("{} {}", row.status, row.code));
    const Message message = message_of(
        fmt::format(R"({{"jsonrpc":"2.0","id":1,"error":{{"code":{},"message":"m"}}}})", row.code));
    const Message* const answer = row.code == 0 ? nullptr : &message;
    CHECK(contradicts_modern(row.status, answer) == row.modern);
    CHECK(contradicts_legacy(row.status, answer) == row.legacy);
  }
}

TEST_CASE("what a host says and what a server speaks decide the way of a message") {
  const struct {
    ServerEra era;
    std::string_view automatic, legacy, modern, synthesized, legacy_synthesized, modern_synthesized;
  } rows[] = {
      {ServerEra::unknown, "PLPP", "LLCD", "AAMM", "PLPP", "LLDD", "AAMM"},
      {ServerEra::legacy, "LLCD", "LLCD", "AAMM", "LLDD", "LLDD", "AAMM"},
      {ServerEra::modern, "LLMM", "LLCD", "AAMM", "LLMM", "LLDD", "AAMM"},
      {ServerEra::modern_only, "AAMM", "LLCD", "AAMM", "AAMM", "LLDD", "AAMM"},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.era));
    CHECK(routes(row.era, Override::automatic) == row.automatic);
    CHECK(routes(row.era, Override::legacy) == row.legacy);
    CHECK(routes(row.era, Override::modern) == row.modern);
    CHECK(routes(row.era, Override::automatic, true) == row.synthesized);
    CHECK(routes(row.era, Override::legacy, true) == row.legacy_synthesized);
    CHECK(routes(row.era, Override::modern, true) == row.modern_synthesized);
  }
}

TEST_CASE("a host that opens with initialize is not kept waiting where the server should too") {
  EraPolicy policy;
  policy.expect_legacy = true;
  CHECK(routes(ServerEra::unknown, policy) == "LLPP");
  CHECK(routes(ServerEra::legacy, policy) == "LLCD");
  CHECK(routes(ServerEra::modern, policy) == "LLMM");
  CHECK(routes(ServerEra::modern_only, policy) == "AAMM");
}

}  // namespace
}  // namespace dogpipe::bridge
