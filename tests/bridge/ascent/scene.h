// A host up to 2025-11-25, an Ascent, and a server from 2026-07-28 on that the test plays.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/ascent/ascent.h"
#include "bridge/replies.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"
#include "fakes/fake_server.h"

namespace dogpipe::bridge::ascent {

// What the bridge adds to the params of a request, for a host with these capabilities.
inline std::string meta(std::string_view capabilities, std::string_view more = "") {
  std::string text = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                     R"("io.modelcontextprotocol/clientCapabilities":)";
  text.append(capabilities);
  text.append(R"(,"io.modelcontextprotocol/clientInfo":{"name":"h","version":"1"})");
  return text.append(more).append("}");
}

struct AscentScene {
  AscentScene() {
    server.on_send = [this](const Request& request) {
      transcript.push_back("S " + std::string(request.text->view()));
    };
    Ascent::Events events;
    events.on_legacy_server = [this](std::vector<HostMessage> messages) {
      for (const HostMessage& one : messages) given_back.emplace_back(one.text.view());
      ascent.reset();  // as it may
    };
    events.on_idle = [this] { ++idles; };
    events.on_discovered = [this](std::string_view raw) { discovered = raw; };
    ascent = std::make_unique<Ascent>(
        loop, server, replies, [this] { return "\"b" + std::to_string(++minted) + "\""; },
        "mcp.example", std::move(events));
    server.attach(ascent->listener());
  }

  // The host sends this.
  void host(std::string_view text) {
    HostMessage message = HostMessage::read(base::Bytes(text));
    switch (message.envelope.shape) {
      case rpc::Shape::request:
        replies.await(message.raw_id(), *ascent);
        return ascent->take_request(std::move(message));
      case rpc::Shape::notification:
        if (message.method != "notifications/cancelled") {
          return ascent->take_notification(std::move(message));
        }
        return cancel(std::move(message));
      default:
        return ascent->take_response(std::move(message));
    }
  }
  void request(std::string_view id, std::string_view method, std::string_view params = "{}") {
    host(rpc::write_call(id, method, params));
  }
  void cancel(HostMessage&& notification) {
    const std::string id(replies.find_same(*rpc::member(notification.raw_params(), "requestId")));
    replies.withhold(id);
    ascent->cancel(id, std::move(notification));
  }

  void initialize(std::string_view revision = "2025-11-25", std::string_view capabilities = "{}") {
    host(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
         std::string(revision) + R"(","capabilities":)" + std::string(capabilities) +
         R"(,"clientInfo":{"name":"h","version":"1"}}})");
  }
  // ... and the server answers; what was said is forgotten.
  void open(std::string_view revision = "2025-11-25", std::string_view capabilities = "{}",
            std::string_view server_capabilities = "{}") {
    initialize(revision, capabilities);
    server.answer(server.id(-1), R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
                                 R"("capabilities":)" +
                                     std::string(server_capabilities) + "}");
    loop.turn();
    transcript.clear();
    told.clear();
    idles = 0;
  }

  // What the host has been told since the last call.
  std::vector<std::string> take() { return std::exchange(told, {}); }
  // What the host and the server got, in order ("H " and "S "), since the last call.
  std::vector<std::string> take_transcript() { return std::exchange(transcript, {}); }

  std::vector<std::string> transcript;
  std::vector<std::string> told;
  std::vector<std::string> given_back;
  std::string discovered;
  int idles = 0;
  int minted = 0;

  fakes::FakeLoop loop;
  fakes::FakeServer server;
  fakes::FakeOutput output{[this](std::string_view line) {
    told.emplace_back(line);
    transcript.push_back("H " + std::string(line));
  }};
  Replies replies{output};
  std::unique_ptr<Ascent> ascent;
};

using Lines = std::vector<std::string>;

inline std::string response(std::string_view id, std::string_view result) {
  return rpc::write_result(id, result);
}
// An error of the bridge.
inline std::string refusal(std::string_view id, int code, std::string_view message) {
  return rpc::write_error(id, code, message, R"({"source":"dogpipe"})");
}

}  // namespace dogpipe::bridge::ascent

template <>
struct doctest::StringMaker<dogpipe::bridge::ascent::Lines> {
  static String convert(const dogpipe::bridge::ascent::Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n  " + line;
    return text.c_str();
  }
};
