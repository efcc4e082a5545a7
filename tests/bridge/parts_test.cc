// The catalogue, the assembly, the session: what the router is made of.
#include <doctest/doctest.h>

#include "bridge/assembly.h"
#include "bridge/batch.h"
#include "bridge/catalogue.h"
#include "bridge/session.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kTools =
    R"({"tools":[{"name":"r\u0031","annotations":{"readOnlyHint":true,"destructiveHint":false}},
       {"name":"i","annotations":{"idempotentHint":true}},
       {"name":"d","annotations":{"readOnlyHint":"true","idempotentHint":1}},
       {"name":7,"annotations":{"readOnlyHint":true}}, {"annotations":{}}, 5]})";

TEST_CASE("the catalogue remembers what each tool says of itself") {
  Catalogue catalogue(true);
  CHECK_FALSE(catalogue.hints_for(R"({"name":"i"})").idempotent);
  catalogue.observe(kTools);
  CHECK(catalogue.hints_for(R"({"name":"r1","arguments":{}})").read_only);
  CHECK(catalogue.hints_for(R"({"arguments":{"name":"x"},"name":"\u0069"})").idempotent);
  for (const char* params : {R"({"name":"d"})", R"({"name":"x"})", R"({"name":7})", "{}", "[]",
                             R"({"arguments":{"name":"i"}})"}) {
    CAPTURE(std::string(params));
    const ToolHints hints = catalogue.hints_for(params);
    CHECK_FALSE((hints.read_only || hints.idempotent));
  }
}

TEST_CASE("pages of the catalogue add to each other, and a later word replaces an earlier") {
  Catalogue catalogue(true);
  catalogue.observe(kTools);
  catalogue.observe(R"({"tools":[{"name":"b","annotations":{"readOnlyHint":true}},{"name":"i"}]})");
  CHECK(catalogue.hints_for(R"({"name":"b"})").read_only);
  CHECK(catalogue.hints_for(R"({"name":"r1"})").read_only);
  CHECK_FALSE(catalogue.hints_for(R"({"name":"i"})").idempotent);
  catalogue.forget();
  CHECK_FALSE(catalogue.hints_for(R"({"name":"r1"})").read_only);
}

TEST_CASE("a server that is not trusted hints at nothing") {
  Catalogue catalogue(false);
  catalogue.observe(kTools);
  CHECK_FALSE(catalogue.hints_for(R"({"name":"r1"})").read_only);
}

TEST_CASE("a message is the same however its bytes arrive") {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"result":{"a":[1,2,3]}})";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Assembly assembly(1000);
    for (std::size_t at = 0; at < text.size(); at += size) {
      std::string piece = text.substr(at, size);
      assembly.add(piece);
      assembly.keep();
      piece.assign(piece.size(), '!');  // the bytes are gone
    }
    auto message = assembly.finish();
    REQUIRE(message);
    CHECK(message->text == text);
    CHECK(message->envelope.id.in(message->text) == "1");
  }
}

TEST_CASE("a message in one piece is not copied") {
  const std::string text = R"({"jsonrpc":"2.0","method":"m"})";
  Assembly assembly(1000);
  assembly.add(text);
  const auto message = assembly.finish();
  REQUIRE(message);
  CHECK(message->text.data() == text.data());
  CHECK(message->owned.empty());
}

TEST_CASE("a message is too large from the first byte beyond the limit, and the next is not") {
  const std::string text = R"({"jsonrpc":"2.0","method":"m"})";
  Assembly assembly(text.size());
  assembly.add(text);
  CHECK_FALSE(assembly.too_large());
  CHECK(assembly.finish().has_value());
  assembly.add(text);
  assembly.add(" ");
  CHECK(assembly.too_large());
  const auto message = assembly.finish();
  REQUIRE_FALSE(message);
  CHECK(message.error().kind == base::Kind::too_large);
  assembly.add(text);
  CHECK(assembly.finish().has_value());
}

TEST_CASE("what is no message is malformed, and the next is fine") {
  Assembly assembly(1000);
  assembly.add("{");
  const auto message = assembly.finish();
  REQUIRE_FALSE(message);
  CHECK(message.error().kind == base::Kind::malformed);
  assembly.add(R"({"jsonrpc":"2.0","method":"m"})");
  CHECK(assembly.finish().has_value());
}

TEST_CASE("a session takes its id, revision and lists from the answer to initialize") {
  Session session;
  CHECK(session.state() == Session::State::none);
  session.opened(
      R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},
          "prompts":{"listChanged":false},"resources":{"subscribe":true}}})",
      "s-1");
  CHECK(session.open());
  CHECK(session.id() == "s-1");
  CHECK(session.revision() == "2025-06-18");
  CHECK(session.announced_lists() == std::vector<std::string>{"tools"});
  const auto generation = session.generation();
  session.opened("{}", "with space");
  CHECK(session.id().empty());
  CHECK(session.revision().empty());
  CHECK(session.generation() > generation);
}

TEST_CASE("generations of a session never come twice") {
  Session session;
  session.opened("{}", "a");
  const auto generation = session.generation();
  session.forget();
  CHECK(session.state() == Session::State::none);
  session.opened("{}", "a");
  CHECK(session.generation() > generation);
}

TEST_CASE("a batch is answered when it is closed and all of its requests are") {
  Batches batches;
  const auto batch = batches.begin();
  batches.expect(batch, "1");
  batches.expect(batch, "2");
  CHECK_FALSE(batches.take("1", "A"));
  CHECK_FALSE(batches.take("3", "X"));
  CHECK_FALSE(batches.end(*batch));
  CHECK(batches.has("2"));
  CHECK(batches.take("2", "B") == "[A,B]");
  CHECK_FALSE(batches.has("2"));
  const auto empty = batches.begin();
  CHECK_FALSE(batches.end(*empty));
}

}  // namespace
}  // namespace dogpipe::bridge
