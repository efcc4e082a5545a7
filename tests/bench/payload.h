#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The texts that server and driver must agree on, byte for byte. Both sides build them on their
// own, so that nothing but the bridge lies between what was sent and what is compared.
namespace bench {

// The wire of a host or a server: with initialize and a session, or that of MCP 2026-07-28, on
// which each request stands for itself.
enum class Era { legacy, modern };

// What the params of every request of the modern wire hold.
std::string_view claim();
// Where bench-server speaks that wire.
std::string_view path_of(Era era);
// What follows the text of a tool result, to the end of the message.
std::string_view result_close(Era era);

// Exactly `bytes` bytes of text as it stands inside a JSON string: numbered log rows with escapes
// and UTF-8, in the spelling that JSON.stringify would give back, so peers that parse and print
// again can be compared as well.
std::string bulk_text(std::size_t bytes);

// `count` progress notifications for this token, counting from 1, as an event stream.
std::string progress_events(std::string_view token, std::uint64_t count);

// What tools/call answers to a small call with this text: padded to an answer of about 290 bytes.
std::string echo_text(std::string_view text);

}  // namespace bench
