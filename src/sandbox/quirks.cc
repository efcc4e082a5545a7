#include "sandbox/quirks.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "sandbox/faults.h"
#include "sandbox/switch.h"

namespace dogpipe::sandbox {
namespace {

using base::Result;

bool forbid_calls(Quirks& quirks, std::string_view how) {
  quirks.forbid_calls = how == "status"  ? Forbid::by_status
                        : how == "scope" ? Forbid::by_scope
                                         : Forbid::by_result;
  return true;
}

bool sse(Quirks& quirks, std::string_view when) {
  quirks.sse = when == "always"  ? StreamUse::always
               : when == "never" ? StreamUse::never
                                 : StreamUse::on_demand;
  return true;
}

bool line_end(Quirks& quirks, std::string_view name) {
  quirks.sse_line_end = name == "crlf" ? "\r\n" : name == "cr" ? "\r" : "\n";
  return true;
}

bool rate_limit(Quirks& quirks, std::string_view rate) {
  const std::size_t mark = rate.find('/');
  if (mark == std::string_view::npos) return false;
  const auto calls = read_number(rate.substr(0, mark));
  const auto seconds = read_number(rate.substr(mark + 1));
  if (!calls || !seconds || *calls > 1'000'000 || *seconds > 86400) return false;
  quirks.rate_limit = static_cast<int>(*calls);
  quirks.rate_window = std::chrono::seconds(*seconds);
  return true;
}

bool retry_after(Quirks& quirks, std::string_view what) {
  quirks.retry_after = what;
  return what == "date" || what == "none" || read_number(what);
}

bool fault(Quirks& quirks, std::string_view plan) {
  const std::size_t at = plan.find('@');
  if (at == std::string_view::npos || find_fault(plan.substr(0, at)) == nullptr) return false;
  PlannedFault made;
  made.name = plan.substr(0, at);
  std::string_view when = plan.substr(at + 1);
  if (const auto nth = read_number(when)) {
    made.nth = static_cast<int>(*nth);
  } else {
    const std::size_t colon = when.rfind(':');
    if (colon != std::string_view::npos) {
      const auto count = read_number(when.substr(colon + 1));
      if (!count) return false;
      made.nth = static_cast<int>(*count);
      when = when.substr(0, colon);
    }
    made.method = when;
  }
  quirks.faults.push_back(std::move(made));
  return true;
}

using Q = Quirks;

constexpr Switch kSwitches[] = {
    {"--port", "N", "listen on 127.0.0.1 port N; 0 takes any free one (default)", number<&Q::port>},
    {"--seed", "N", "make the data from this seed (default 1)", number<&Q::seed>},
    {"--with-parent", "", "end when the process that started this one has ended",
     set<&Q::with_parent>},
    {"--challenge", "", "WWW-Authenticate with every 401", set<&Q::challenge>},
    {"--forbid-calls", "status|scope|result",
     "refuse tools/call: by 403, by 403 with insufficient_scope, or by isError", forbid_calls},
    {"--protocol", "2025-03-26|2025-06-18|2025-11-25", "the newest revision to agree to",
     word<&Q::newest_version>},
    {"--dead-session", "400|401|404", "how an unknown session is refused (default 404)",
     number<&Q::dead_session>},
    {"--dead-session-body", "json|jsonrpc|html|empty|text", "and with which body (default json)",
     word<&Q::dead_session_body>},
    {"--kill-session-after", "N", "a session dies after N more POSTs",
     number<&Q::kill_session_after>},
    {"--late-tools", "N", "tools/list is empty for N x 300 ms after initialize",
     number<&Q::late_tools>},
    {"--late-tools-notify", "", "and tools/list_changed says when that is over",
     set<&Q::late_tools_notify>},
    {"--rename-tools", "", "from the second session on every tool is called <name>_v<session>",
     set<&Q::rename_tools>},
    {"--page-size", "N", "tools/list in pages of N", number<&Q::page_size>},
    {"--prompts", "", "prompts/list answers with an empty list instead of -32601",
     set<&Q::prompts>},
    {"--slow-init", "MS", "initialize takes so long", number<&Q::slow_init>},
    {"--slow-lists", "MS", "every other request but ping and tools/call takes so long",
     number<&Q::slow_lists>},
    {"--slow-calls", "MS", "tools/call takes so long", number<&Q::slow_calls>},
    {"--rate-limit", "N/SECONDS", "429 beyond N calls in SECONDS (Datadog: 50/10; default none)",
     rate_limit},
    {"--retry-after", "S|date|none", "what comes with a 429 (default 1)", retry_after},
    {"--sse", "always|on-demand|never", "when to answer in an event stream (default on-demand)",
     sse},
    {"--pretty", "", "JSON answers over several lines", set<&Q::pretty>},
    {"--multi-line-sse", "", "events with several data lines", set<&Q::multi_line_sse>},
    {"--sse-line-end", "lf|crlf|cr", "how lines of a stream end (default lf)", line_end},
    {"--no-event-ids", "", "events without ids: streams cannot be resumed",
     [](Quirks& quirks, std::string_view) {
       quirks.event_ids = false;
       return true;
     }},
    {"--retry", "MS", "streams begin with this retry field",
     [](Quirks& quirks, std::string_view operand) {
       const auto value = read_number(operand);
       if (value) quirks.retry = Milliseconds(*value);
       return value.has_value();
     }},
    {"--cut-stream-after", "N", "a POST's stream is cut once, after N events",
     number<&Q::cut_stream_after>},
    {"--cut-style", "abort|end", "cut in the middle of the chunks, or end them (default abort)",
     [](Quirks& quirks, std::string_view style) {
       quirks.cut_style = style == "end" ? CutStyle::end : CutStyle::abort;
       return true;
     }},
    {"--keep-stream-open", "", "a POST's stream stays open after the response",
     set<&Q::keep_stream_open>},
    {"--comments", "MS", "a comment line on every stream, so often", number<&Q::comments>},
    {"--no-get", "", "405 to GET", set<&Q::no_get>},
    {"--cut-get-after", "N", "the stream of a GET is cut after N events, each time",
     number<&Q::cut_get_after>},
    {"--server-requests", "post|get",
     "where questions to the client go: the call's stream, or the GET's (default post)",
     [](Quirks& quirks, std::string_view where) {
       quirks.server_requests_on_get = where == "get";
       return true;
     }},
    {"--fault", "NAME@WHEN",
     "spoil an answer; WHEN is N (the Nth POST), METHOD (each such request) or METHOD:N; "
     "repeatable",
     fault},
    {"--help", "", "this page", set<&Q::help>},
    {"--version", "", "the version", set<&Q::version>},
};

// Whether `operand` is one of the words in "a|b|c". Lists with a capital letter name a form
// instead.
bool in_list(std::string_view list, std::string_view operand) {
  if (list.find('|') == std::string_view::npos) return true;
  if (std::any_of(list.begin(), list.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return true;
  const std::string padded = fmt::format("|{}|", list);
  return padded.find(fmt::format("|{}|", operand)) != std::string::npos;
}

constexpr std::pair<std::string_view, std::string_view> kWishes[] = {
    {"nonce", "count this call in /sandbox/ledger"},
    {"delay_ms", "take so long"},
    {"sse", "true: answer in an event stream"},
    {"pretty", "true: a JSON answer over several lines"},
    {"multi_line", "true: events with several data lines"},
    {"bytes", "a text of exactly so many bytes"},
    {"raw", "a JSON text, given back as structuredContent.raw byte for byte"},
    {"error", "a JSON-RPC error with this code"},
    {"is_error", "true: a result with isError"},
    {"progress", "so many progress notifications, if there is a progressToken"},
    {"progress_ms", "pause between them"},
    {"log", "so many log notifications, at level info"},
    {"progress_restarts", "true: each round of questions counts from 1 again"},
    {"log_via", "get: legacy, those on the GET's stream"},
    {"list_changed", "true, tools, prompts or resources: list_changed, on the GET's stream if"},
    {"", "there is one; modern: on listen streams"},
    {"resource_updated", "a URI: resources/updated, in the same place"},
    {"elicit", "form or url: ask the user; the answer goes into the result"},
    {"sample", "true: ask the client's model"},
    {"roots", "true: ask for the client's roots"},
    {"ping", "true: ping the client"},
    {"via", "get: ask on the GET's stream"},
    {"ask", "rounds of questions, each a list of form, url, sample, roots, ping; modern:"},
    {"", "input_required, an empty round only wants to be called again"},
    {"complete", "true: legacy, say that the user is done with the page of a question by URL"},
    {"stray", "true: modern, a request and a list_changed on the call's stream"},
    {"result_type", "modern, another resultType; empty leaves it out"},
    {"no_state", "true: modern, questions come without requestState"},
    {"url_required", "true: like --url-required"},
    {"break", "like --break-calls"},
    {"cut_after", "cut this stream once, after so many events"},
    {"fault", "a fault by name"},
};

const Switch* find_switch(std::string_view name) {
  for (const std::span<const Switch> table :
       {std::span<const Switch>(kSwitches), wire_switches(), oauth_switches()}) {
    for (const Switch& known : table) {
      if (known.name == name) return &known;
    }
  }
  return nullptr;
}

void describe(std::string& page, std::span<const Switch> table) {
  for (const Switch& known : table) {
    page += fmt::format("  {}{}{}\n      {}\n", known.name, known.operand.empty() ? "" : " ",
                        known.operand, known.help);
  }
}

}  // namespace

Result<Quirks> read_quirks(const std::vector<std::string_view>& arguments) {
  Quirks quirks;
  const auto fail = [](std::string what) {
    return base::Error{base::Kind::usage, std::move(what)};
  };
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    const std::size_t equals = at->find('=');
    const std::string_view name = at->substr(0, equals);
    const Switch* found = find_switch(name);
    if (found == nullptr) return fail(fmt::format("unknown option {}", name));
    std::string_view operand;
    if (equals != std::string_view::npos) {
      operand = at->substr(equals + 1);
      if (found->operand.empty()) return fail(fmt::format("{} takes no operand", name));
    } else if (!found->operand.empty()) {
      if (++at == arguments.end()) return fail(fmt::format("{} needs {}", name, found->operand));
      operand = *at;
    }
    if (!in_list(found->operand, operand) || !found->apply(quirks, operand)) {
      return fail(fmt::format("{} {}: not {}", name, operand, found->operand));
    }
  }
  return quirks;
}

std::string help_page() {
  std::string page =
      "Usage: dogpipe-sandbox [options]\n\n"
      "A stand-in for Datadog's MCP server and for its sign-in, on loopback, with made-up data. "
      "Its\n"
      "first line of output is the URL of the MCP server; then comes, as \"app URL\", the host of\n"
      "the sign-in. Credentials: a token of the sign-in, or Authorization: Bearer sandbox-token, "
      "or\n"
      "DD-API-KEY: sandbox-api-key with DD-APPLICATION-KEY: sandbox-application-key.\n\nOptions:\n";
  describe(page, kSwitches);
  page += "\nOptions of the wires:\n";
  describe(page, wire_switches());
  page += "\nOptions of the sign-in (OAuth):\n";
  describe(page, oauth_switches());
  page += "\nA call can ask for more in its argument \"_sandbox\", an object:\n";
  for (const auto& [name, help] : kWishes) page += fmt::format("  {:<18}{}\n", name, help);
  page += "\nFaults (those with * count as executed):\n";
  for (const Fault& known : all_faults()) {
    page += fmt::format("  {:<20}{} {}\n", known.name, known.executed ? '*' : ' ', known.help);
  }
  page +=
      "\nFor tests, without credentials: GET /sandbox/ledger, GET /sandbox/stats, GET "
      "/sandbox/last\n"
      "(the body of the last POST), GET /sandbox/journal (the latest requests to the endpoint),\n"
      "POST /sandbox/ask?what= (form, url, sample, roots or ping, on every GET's stream; the "
      "stats\n"
      "have the answers), POST /sandbox/kill-sessions, POST /sandbox/list-changed (?list=tools, "
      "prompts, resources),\n"
      "POST /sandbox/resource-updated?uri=, POST /sandbox/end-listens (with a result), POST\n"
      "/sandbox/kill-listens (without). The stats count what a client must not do, but no refusal\n"
      "tells it, as violations. On either host, about the sign-in: POST /sandbox/expire-tokens "
      "(every access token, now), POST\n"
      "/sandbox/revoke-all (refresh tokens, too), POST /sandbox/forget-clients (token endpoint "
      "and\n"
      "authorize know no client registered before), GET or POST "
      "/sandbox/approve-device?user_code=\n"
      "and /sandbox/deny-device?user_code= (approve takes org=UUID, too).\n";
  return page;
}

}  // namespace dogpipe::sandbox
