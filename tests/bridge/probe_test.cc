// Finding out a server's era.
#include "bridge/probe.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/log.h"
#include "fake_authorizer.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;
using Means = ProbeFinding::Means;

constexpr std::string_view kQuestion =
    R"({"id":"d","method":"server/discover","params":{"_meta":$M}})";
constexpr std::string_view kResult =
    R"({"id":"d","result":{"supportedVersions":["2026-07-28"],"capabilities": {}}})";

// One probe, its network and its outcome: "modern 200 {...}".
struct Bench {
  explicit Bench(EraProbe::SignIn sign_in = EraProbe::SignIn::never,
                 std::string_view question = kQuestion, bool ours = true) {
    static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
    client.on_cancel = [this](fakes::FakeRequest&) { ++cancelled; };
    Endpoint endpoint;
    endpoint.url = "https://mcp.example/v1/mcp";
    endpoint.longest_message = 1 << 20;
    EraProbe::Question asked;
    asked.text = std::make_shared<const base::Bytes>(modern(question));
    asked.ours = ours;
    asked.sign_in = sign_in;
    asked.deadline = 8s;
    probe = std::make_unique<EraProbe>(
        ServerContext{loop, client, authorizer, budget, endpoint, true}, std::move(asked),
        [this](const EraProbe::Report& report) {
          outcome += fmt::format("{} {} {}{}\n", name(report.finding.means), report.status,
                                 report.answer == nullptr ? "-" : modern_brief(report.answer->text),
                                 report.impediment ? " impeded" : "");
          probe.reset();
        });
    loop.turn();
  }
  ~Bench() { client.on_cancel = nullptr; }

  static const char* name(Means means) {
    switch (means) {
      case Means::modern:
        return "modern";
      case Means::incompatible:
        return "incompatible";
      case Means::legacy:
        return "legacy";
      case Means::mend_and_retry:
        return "mend_and_retry";
      case Means::no_evidence:
        return "no_evidence";
    }
    return "";
  }

  void reply(std::size_t n, int status, std::string_view media_type = "",
             std::string_view body = "") {
    client.at(n - 1).answer(status, media_type, modern(body));
    loop.turn();
  }
  void json(std::size_t n, std::string_view body, int status = 200) {
    reply(n, status, "application/json", body);
  }

  fakes::FakeLoop loop;
  fakes::FakeClient client;
  FakeAuthorizer authorizer;
  RetryBudget budget;
  std::string outcome;
  int cancelled = 0;
  std::unique_ptr<EraProbe> probe;
};

TEST_CASE("a probe is one request with the fields of its body") {
  Bench bench;
  bench.authorizer.sign_in();
  REQUIRE(bench.client.count() == 1);
  const auto& request = bench.client.at(0);
  CHECK(request.body() == modern(kQuestion));
  CHECK(request.field("MCP-Protocol-Version") == "2026-07-28");
  CHECK(request.field("Mcp-Method") == "server/discover");
  CHECK(request.field("Mcp-Session-Id").empty());
  bench.json(1, kResult);
  CHECK(bench.outcome == fmt::format("modern 200 {}\n", kResult));
}

TEST_CASE("the answer may come as an event stream, whatever comes before it") {
  Bench bench;
  bench.client.at(0).head(200, "text/event-stream");
  bench.client.at(0).data(
      ": hello\n\ndata: " + modern(R"({"method":"notifications/message","params":{}})") +
      "\n\ndata: " + modern(R"({"id":"x","result":{}})") + "\n\n");
  bench.loop.turn();
  CHECK(bench.outcome.empty());
  bench.client.at(0).data("data: " + modern(kResult) + "\n\n");
  bench.loop.turn();
  CHECK(bench.outcome == fmt::format("modern 200 {}\n", kResult));
  CHECK(bench.cancelled == 1);
}

TEST_CASE("a probe reads what servers say") {
  struct Row {
    int status;
    const char* media_type;
    const char* body;
    const char* outcome;
  };
  for (const Row& row : {
           Row{200, "application/json",
               R"({"id":"d","result":{"supportedVersions":["2025-11-25"]}})",
               R"(legacy 200 {"id":"d","result":{"supportedVersions":["2025-11-25"]}})"},
           Row{200, "application/json", R"({"id":"d","error":{"code":-32601,"message":"x"}})",
               R"(legacy 200 {"id":"d","error":{"code":-32601,"message":"x"}})"},
           Row{400, "application/json", R"({"id":"d","error":{"code":-32000,"message":"x"}})",
               R"(legacy 400 {"id":"d","error":{"code":-32000,"message":"x"}})"},
           Row{400, "application/json", R"({"id":"srv","error":{"code":-32600,"message":"x"}})",
               "legacy 400 -"},
           Row{404, "text/html", "<html>", "legacy 404 -"},
           Row{405, "", "", "legacy 405 -"},
           Row{401, "", "", "no_evidence 401 -"},
           Row{403, "", "", "no_evidence 403 -"},
           Row{500, "", "", "no_evidence 500 -"},
           Row{503, "text/html", "<html>", "no_evidence 503 -"},
       }) {
    const auto& [status, media_type, body, outcome] = row;
    CAPTURE(row.status);
    Bench bench;
    bench.reply(1, status, media_type, body);
    CHECK(bench.outcome == std::string(outcome) + "\n");
    CHECK(bench.client.count() == 1);
  }
}

TEST_CASE("a network that fails says nothing about the era") {
  Bench bench;
  bench.client.at(0).fail(base::Kind::unreachable, false);
  bench.loop.turn();
  CHECK(bench.outcome == "no_evidence 0 -\n");
}

TEST_CASE("a server that says nothing is waited for until the deadline") {
  Bench bench;
  bench.loop.pass(7999ms);
  CHECK(bench.outcome.empty());
  bench.loop.pass(1ms);
  CHECK(bench.outcome == "no_evidence 0 -\n");
  CHECK(bench.cancelled == 1);
}

TEST_CASE("a probe that must not sign in asks nobody for a credential") {
  Bench bench;
  bench.authorizer.can_mend = true;
  bench.reply(1, 401);
  CHECK(bench.outcome == "no_evidence 401 -\n");
  CHECK(bench.authorizer.refusals.empty());
}

TEST_CASE("what is stale goes as it is where nobody may be asked") {
  fakes::FakeLoop loop;
  fakes::FakeClient client;
  FakeAuthorizer authorizer;
  RetryBudget budget;
  authorizer.sign_in();
  authorizer.stale = true;
  EraProbe::Question question;
  question.text = std::make_shared<const base::Bytes>(modern(kQuestion));
  question.deadline = 8s;
  SUBCASE("never") {
    const EraProbe probe({loop, client, authorizer, budget, {}, false}, question,
                         [](const EraProbe::Report&) {});
    loop.turn();
    CHECK(client.at(0).field("Authorization") == "Bearer 1");
  }
  SUBCASE("allowed") {
    question.sign_in = EraProbe::SignIn::allowed;
    const EraProbe probe({loop, client, authorizer, budget, {}, false}, question,
                         [](const EraProbe::Report&) {});
    loop.turn();
    CHECK(client.count() == 0);
    authorizer.settle();
    CHECK(client.at(0).field("Authorization") == "Bearer 2");
  }
}

TEST_CASE("a probe that may sign in waits for the credential, within its deadline") {
  Bench bench(EraProbe::SignIn::allowed);
  bench.authorizer.can_mend = true;
  bench.reply(1, 401);
  CHECK(bench.authorizer.waiting() == 1);
  SUBCASE("it comes") {
    bench.authorizer.settle();
    CHECK(bench.client.at(1).field("Authorization") == "Bearer 2");
    bench.json(2, kResult);
    CHECK(bench.outcome == fmt::format("modern 200 {}\n", kResult));
  }
  SUBCASE("it cannot be had") {
    bench.authorizer.settle(auth::Impediment());
    CHECK(bench.outcome == "no_evidence 0 - impeded\n");
  }
  SUBCASE("it does not come") {
    bench.loop.pass(8s);
    CHECK(bench.outcome == "no_evidence 0 -\n");
    CHECK(bench.authorizer.waiting() == 0);
  }
  SUBCASE("none is good enough") {
    for (std::size_t n = 2; n <= 4; ++n) {
      bench.authorizer.settle();
      bench.reply(n, 401);
    }
    CHECK(bench.outcome == "no_evidence 401 -\n");
  }
}

TEST_CASE("a modern server that misses something is asked once more") {
  for (const int code : {-32020, -32021}) {
    Bench bench;
    const std::string error =
        fmt::format(R"({{"id":"d","error":{{"code":{},"message":"x"}}}})", code);
    bench.json(1, error, 400);
    CHECK(bench.outcome.empty());
    REQUIRE(bench.client.count() == 2);
    CHECK(bench.client.at(1).body() == modern(kQuestion));
    SUBCASE("and is content") {
      bench.json(2, kResult);
      CHECK(bench.outcome == fmt::format("modern 200 {}\n", kResult));
    }
    SUBCASE("and says the same") {
      bench.json(2, error, 400);
      CHECK(bench.outcome == fmt::format("legacy 400 {}\n", error));
    }
  }
}

TEST_CASE("a probe of ours goes on in a revision that the server speaks, once") {
  constexpr std::string_view question =
      R"({"id":"d","method":"server/discover","params":{"a": 1,"_meta":)"
      R"({"io.modelcontextprotocol/protocolVersion":"2027-01-31","b": 2}}})";
  constexpr std::string_view refusal =
      R"({"id":"d","error":{"code":-32022,"message":"x","data":{"supported":["2026-07-28"]}}})";
  SUBCASE("ours") {
    Bench bench(EraProbe::SignIn::never, question);
    bench.json(1, refusal, 400);
    REQUIRE(bench.client.count() == 2);
    CHECK(bench.client.at(1).field("MCP-Protocol-Version") == "2026-07-28");
    CHECK(bench.client.at(1).body() ==
          full(R"({"id":"d","method":"server/discover","params":{"a":1,"_meta":)"
               R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28","b":2}}})"));
    SUBCASE("and has its answer") {
      bench.json(2, kResult);
      CHECK(bench.outcome == fmt::format("modern 200 {}\n", kResult));
    }
    SUBCASE("and no third time") {
      bench.json(2, refusal, 400);
      CHECK(bench.outcome == fmt::format("modern 400 {}\n", refusal));
    }
  }
  SUBCASE("the host's own: it is the host that chooses") {
    Bench bench(EraProbe::SignIn::never, question, false);
    bench.json(1, refusal, 400);
    CHECK(bench.outcome == fmt::format("modern 400 {}\n", refusal));
    CHECK(bench.client.count() == 1);
  }
}

TEST_CASE("a probe that is let go of ends its request and says nothing") {
  Bench bench;
  bench.probe.reset();
  bench.loop.pass(10s);
  CHECK(bench.cancelled == 1);
  CHECK(bench.outcome.empty());
}

}  // namespace
}  // namespace dogpipe::bridge
