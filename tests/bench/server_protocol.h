#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "server_mcp.h"
#include "server_wire.h"

namespace bench {

// The HTTP version spoken on one connection. Lives as long as the connection and never
// touches the loop: what it needs later it asks for by a call of Later.
class Protocol {
 public:
  // Please call due(stream) once this much time has passed.
  using Later = std::function<void(std::uint32_t stream, std::chrono::milliseconds)>;
  enum class Flush { drained, blocked, broken };

  virtual ~Protocol() = default;
  // Bytes that came in. Answers are made ready, not sent. False: hang up.
  virtual bool take(std::string_view bytes) = 0;
  // Sends what is ready. After `blocked` to be called again once the wire takes bytes.
  virtual Flush flush(Wire& wire) = 0;
  // The time asked for has passed; flush() follows.
  virtual void due(std::uint32_t stream) = 0;
};

std::unique_ptr<Protocol> make_http1(McpServer& mcp, Protocol::Later later);

// Null when built without libnghttp2; have_http2() tells beforehand.
std::unique_ptr<Protocol> make_http2(McpServer& mcp, Protocol::Later later);
bool have_http2();

}  // namespace bench
