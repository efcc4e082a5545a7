// How the sandbox misbehaves: one field a switch of the command line. Without a switch it is a
// well-behaved server of the kind that answers in JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/changes.h"
#include "sandbox/oauth_quirks.h"

namespace dogpipe::sandbox {

enum class StreamUse : std::uint8_t { always, on_demand, never };
enum class Forbid : std::uint8_t { nothing, by_status, by_scope, by_result };
// Which wire the endpoint speaks; dual: legacy and modern.
enum class Era : std::uint8_t { legacy, modern, dual, sse };
enum class CutStyle : std::uint8_t { abort, end };

// "close@3": the third POST; "close@tools/call": each such request; "close@tools/call:2": the
// second.
struct PlannedFault {
  std::string name;
  std::string method;  // empty: any
  int nth = 0;         // 0: each
};

struct Quirks {
  int port = 0;
  std::uint64_t seed = 1;
  bool with_parent = false;

  bool challenge = false;
  Forbid forbid_calls = Forbid::nothing;
  OAuthQuirks oauth;

  int dead_session = 404;
  std::string dead_session_body = "json";
  int kill_session_after = 0;
  std::string newest_version = "2025-11-25";

  int late_tools = 0;
  bool late_tools_notify = false;
  bool rename_tools = false;
  int page_size = 0;
  bool prompts = false;

  Milliseconds slow_init{0};
  Milliseconds slow_lists{0};
  Milliseconds slow_calls{0};

  int rate_limit = 0;
  Milliseconds rate_window{0};
  std::string retry_after = "1";

  StreamUse sse = StreamUse::on_demand;
  bool pretty = false;
  bool multi_line_sse = false;
  std::string sse_line_end = "\n";
  bool event_ids = true;
  std::optional<Milliseconds> retry;
  int cut_stream_after = 0;
  CutStyle cut_style = CutStyle::abort;
  bool keep_stream_open = false;
  Milliseconds comments{0};

  bool no_get = false;
  int cut_get_after = 0;
  bool server_requests_on_get = false;

  Era era = Era::legacy;
  bool stateless = false;
  bool trials = false;
  bool invalid_tools = false;
  ShiftSchema shift_schema = ShiftSchema::never;
  bool url_required = false;
  std::string modern_version = "2026-07-28";
  std::string supported_versions;  // separated by commas; empty: the modern one
  bool ignore_version = false;
  Milliseconds cache_ttl{300'000};
  std::string cache_scope = "private";
  bool no_server_info = false;
  int cut_listen_after = 0;
  std::string break_calls;
  int break_times = 0;
  std::string sse_endpoint = "relative";
  std::string sse_post = "405";

  // More than Datadog's server has: prompts, a template, completion.
  bool rich() const { return era != Era::legacy || trials; }

  std::vector<PlannedFault> faults;

  bool help = false;
  bool version = false;
};

// Errors: Kind::usage.
base::Result<Quirks> read_quirks(const std::vector<std::string_view>& arguments);

// The page for --help: every switch, every per-call argument, every fault.
std::string help_page();

}  // namespace dogpipe::sandbox
