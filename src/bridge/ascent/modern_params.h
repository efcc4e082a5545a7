// Params of a host's request, up to 2025-11-25, as a server from 2026-07-28 on wants them: what the
// host said once, in initialize, goes along with each request (MCP 2026-07-28, basic/index,
// "_meta").
#pragma once

#include <string>
#include <string_view>

namespace dogpipe::bridge::ascent {

struct Claim {
  std::string raw_client_info;  // empty: the host gave none
  std::string raw_capabilities = "{}";
  std::string log_level;  // plain; empty: the host has set none, and the server logs nothing
};

// `revision` is the one the host was told.
Claim read_claim(std::string_view raw_initialize_params, std::string_view revision);

// Without what the newer revision does not have, and what that revision of the host cannot mean:
// notifications of changed roots, tasks, elicitation before 2025-06-18 and by URL before
// 2025-11-25.
std::string modern_capabilities(std::string_view raw_capabilities, std::string_view revision);

// `raw_params` may be empty. All that stays keeps its bytes; `task` does not stay.
std::string with_claim(std::string_view raw_params, const Claim& claim);

// Whether it is one that logging/setLevel and `_meta` may name.
bool is_log_level(std::string_view level);

}  // namespace dogpipe::bridge::ascent
