// A host of 2026-07-28 and an older server, both played by the test, with a Descent between them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/descent/descent.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"
#include "fakes/fake_server.h"
#include "rpc/members.h"

namespace dogpipe::bridge::descent {

constexpr std::string_view kAllCapabilities =
    R"({"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{}})";

// `_meta` of a request; `more` begins with a comma.
inline std::string meta(std::string_view raw_capabilities = "{}", std::string_view more = "") {
  return fmt::format(R"("_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                     R"("io.modelcontextprotocol/clientInfo":{{"name":"h","version":"1"}},)"
                     R"("io.modelcontextprotocol/clientCapabilities":{}{}}})",
                     raw_capabilities, more);
}

inline std::string ask(std::string_view raw_id, std::string_view method, std::string_view params) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{{{}}}}})", raw_id, method,
                     params);
}

constexpr std::string_view kInitializeResult =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},)"
    R"("resources":{"subscribe":true,"listChanged":true},"prompts":{},"logging":{},"tasks":{}},)"
    R"("serverInfo":{"name":"s","version":"9"},"instructions":"be kind"})";

// What results get.
constexpr std::string_view kServerInfo =
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"9"}})";

struct DescentWorld {
  DescentWorld() { server.attach(descent.listener()); }

  // The host writes a line.
  void host(std::string_view text) {
    HostMessage message = HostMessage::read(base::Bytes(text));
    const std::string id(message.raw_id());
    switch (message.envelope.shape) {
      case rpc::Shape::request:
        replies.await(id, descent);
        return descent.take_request(std::move(message));
      case rpc::Shape::notification:
        if (message.method != "notifications/cancelled") {
          return descent.take_notification(std::move(message));
        }
        return host_cancels(std::move(message));
      default:
        return descent.take_response(std::move(message));
    }
  }
  void host_cancels(HostMessage message) {
    const auto named = rpc::member(message.raw_params(), "requestId");
    const std::string id(named ? replies.find_same(*named) : "");
    if (id.empty()) return;
    replies.withhold(id);
    descent.cancel(id, std::move(message));
  }
  // Its first request opens the session, which costs the id "u1"; its own answer is forgotten.
  void open(std::string_view raw_result = kInitializeResult,
            std::string_view raw_capabilities = kAllCapabilities) {
    host(ask("0", "tools/list", meta(raw_capabilities)));
    server.answer(R"("u1")", raw_result);
    server.answer(R"("u2")", R"({"tools":[]})");
    lines.clear();
    sent = server.count();
  }

  // What the host and the server got since this was asked last.
  std::vector<std::string> heard() { return std::exchange(lines, {}); }
  std::vector<std::string> told() {
    std::vector<std::string> texts;
    for (; sent < server.count(); ++sent) {
      texts.emplace_back(server.text(static_cast<int>(sent)));
    }
    return texts;
  }

  fakes::FakeLoop loop;
  std::vector<std::string> lines;
  fakes::FakeOutput output{[this](std::string_view line) { lines.emplace_back(line); }};
  Replies replies{output};
  fakes::FakeServer server;
  int minted = 0;
  int idle_calls = 0;
  Descent descent{
      loop, server, replies, [this] { return fmt::format(R"("u{}")", ++minted); }, {[this] {
        ++idle_calls;
      }}};
  std::size_t sent = 0;
};

using Texts = std::vector<std::string>;

}  // namespace dogpipe::bridge::descent
