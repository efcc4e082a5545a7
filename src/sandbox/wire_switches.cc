// The switches of the wires: eras, transports, and what only one of them has.
#include "sandbox/modern_call.h"
#include "sandbox/switch.h"

namespace dogpipe::sandbox {
namespace {

bool era(Quirks& quirks, std::string_view name) {
  quirks.era = name == "modern" ? Era::modern
               : name == "dual" ? Era::dual
               : name == "sse"  ? Era::sse
                                : Era::legacy;
  return true;
}

bool shift_schema(Quirks& quirks, std::string_view when) {
  quirks.shift_schema = when == "once" ? ShiftSchema::once : ShiftSchema::always;
  return true;
}

bool break_calls(Quirks& quirks, std::string_view how) {
  const std::size_t colon = how.find(':');
  if (colon != std::string_view::npos) {
    const auto times = read_number(how.substr(colon + 1));
    if (!times || *times > 1'000'000) return false;
    quirks.break_times = static_cast<int>(*times);
  }
  quirks.break_calls = how.substr(0, colon);
  return read_break(quirks.break_calls).has_value();
}

using Q = Quirks;

constexpr Switch kSwitches[] = {
    {"--era", "legacy|modern|dual|sse",
     "the wire: sessions (default), the stateless one of 2026-07-28, both on one endpoint, or "
     "HTTP+SSE of 2024-11-05",
     era},
    {"--stateless", "", "legacy without sessions: no session id, 405 to GET and DELETE",
     set<&Q::stateless>},
    {"--trials", "",
     "tools that ask, announce and mirror (toolset trials), prompts, a template and completion; "
     "the latter always but with --era legacy",
     set<&Q::trials>},
    {"--invalid-tools", "", "tools whose x-mcp-header is wrong (toolset invalid)",
     set<&Q::invalid_tools>},
    {"--shift-schema", "once|always",
     "after a tools/list the header fields of the tool route_by_header are others", shift_schema},
    {"--url-required", "",
     "legacy: a call that asks by URL is refused with -32042, the first time it is made",
     set<&Q::url_required>},
    {"--modern-version", "REVISION", "the only modern revision (default 2026-07-28)",
     word<&Q::modern_version>},
    {"--supported", "REVISION,...",
     "what server/discover and -32022 list instead, whatever is served",
     word<&Q::supported_versions>},
    {"--ignore-version", "",
     "stateless: any MCP-Protocol-Version is accepted, instead of 400 to unknown ones",
     set<&Q::ignore_version>},
    {"--ttl", "MS", "ttlMs of results that can be kept (default 300000)", number<&Q::cache_ttl>},
    {"--cache-scope", "public|private", "and their cacheScope (default private)",
     word<&Q::cache_scope>},
    {"--no-server-info", "", "modern results do not say who the server is",
     set<&Q::no_server_info>},
    {"--cut-listen-after", "N",
     "a subscriptions/listen is cut after N events, each time; the acknowledgement is the first",
     number<&Q::cut_listen_after>},
    {"--break-calls", "HOW[:N]",
     "cut the stream of modern calls, of the first N or all: before or after the work is done "
     "(and counted), before-notified or after-notified: behind a notification",
     break_calls},
    {"--sse-endpoint", "relative|absolute|foreign",
     "sse: the address in the endpoint event (default relative); foreign is of another origin",
     word<&Q::sse_endpoint>},
    {"--sse-post", "405|404", "sse: POST to the endpoint of the GET: 405, or 404 with a page",
     word<&Q::sse_post>},
};

}  // namespace

std::span<const Switch> wire_switches() { return kSwitches; }

}  // namespace dogpipe::sandbox
