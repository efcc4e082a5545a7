// A server of 2024-11-05: it takes no POST at its URL, and answers on the stream that a GET opens.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "world.h"

namespace dogpipe::bridge {

inline constexpr std::string_view kEndpoint = "event: endpoint\ndata: /messages?s=1\n\n";
inline constexpr std::string_view kAddress = "https://mcp.example/messages?s=1";
inline constexpr std::string_view kFirst =
    R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})";
inline constexpr std::string_view kCalled =
    R"({"id":1,"method":"tools/call","params":{"name":"a"}})";
inline constexpr std::string_view kListed = R"({"id":2,"method":"tools/list"})";

inline std::string post(std::size_t n, std::string_view body) {
  return fmt::format("#{} POST - - {}\n", n, body);
}

struct OldWorld : World {
  explicit OldWorld(const Settings& settings = {}) : World(settings) {}

  // As far as the GET, request 2.
  void knock(int status = 405) {
    host(kInitialize);
    reply(1, status);
  }
  // A whole handshake: request 2 is the stream, and stays it; the transcript is empty.
  void begin(std::string_view capabilities = "{}") {
    knock();
    stream(2, kEndpoint);
    reply(3, 202);
    more(2, opened(capabilities));
    host(kInitialized);
    reply(4, 202);
    forget();
  }
  // What the server says to initialize.
  static std::string opened(std::string_view capabilities = "{}",
                            std::string_view revision = "2024-11-05") {
    return event(fmt::format(R"({{"id":0,"result":{{"protocolVersion":"{}","capabilities":{}}}}})",
                             revision, capabilities));
  }
};

}  // namespace dogpipe::bridge
