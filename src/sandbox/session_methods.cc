#include "sandbox/session_methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.h"
#include "sandbox/methods.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {
namespace {

Outcome pong(Session&, json::Value) { return success("{}"); }

Outcome subscribe(Session& session, json::Value params) {
  const std::string uri(params["uri"].text_or(""));
  if (uri.empty()) return failure(-32602, "Invalid params: uri");
  session.subscriptions().insert(uri);
  return success("{}");
}

Outcome unsubscribe(Session& session, json::Value params) {
  session.subscriptions().erase(std::string(params["uri"].text_or("")));
  return success("{}");
}

Outcome set_level(Session& session, json::Value params) {
  const std::string_view level = params["level"].text_or("");
  if (!is_log_level(level)) return failure(-32602, "Invalid params: level");
  session.log_level() = level;
  return success("{}");
}

struct Method {
  std::string_view name;
  Outcome (*answer)(Session&, json::Value params);
};

constexpr std::array kMethods = {
    Method{"ping", pong},
    Method{"resources/subscribe", subscribe},
    Method{"resources/unsubscribe", unsubscribe},
    Method{"logging/setLevel", set_level},
};

Outcome answer(Session& session, std::string_view method, json::Value params) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(),
                                  [&](const Method& known) { return known.name == method; });
  if (found != kMethods.end()) return found->answer(session, params);
  const Visit visit = session.visit();
  return answer_method({visit, method, params, {}}).value_or(failure(-32601, "Method not found"));
}

bool is_call(const Session& session, json::Value request) {
  const std::string_view method = request["method"].text_or("");
  return method == "tools/call" || !rounds_of(session.visit(), method, request["params"]).empty();
}

}  // namespace

std::string initialize_result(const Context& context, std::string_view version) {
  json::Writer out;
  out.begin_object().member("protocolVersion", version);
  out.raw_member("capabilities", server_capabilities(context.quirks));
  out.raw_member("serverInfo", server_info(version));
  return out.member("instructions", server_instructions()).end_object().take();
}

bool wants_stream(const Session& session, json::Value request, const Quirks& quirks) {
  if (quirks.sse == StreamUse::always) return true;
  if (quirks.sse == StreamUse::never) return false;
  const json::Value params = request["params"];
  const json::Value wishes = wishes_of(params);
  const bool asks = !rounds_of(session.visit(), request["method"].text_or(""), params).empty() &&
                    wishes["via"].text_or("") != "get" && !quirks.server_requests_on_get;
  return asks || wishes["sse"].bool_or(false) || wishes["log"].integer_or(0) > 0 ||
         wishes["cut_after"].integer_or(0) > 0 || wishes["multi_line"].bool_or(false) ||
         (wishes["progress"].integer_or(0) > 0 && params["_meta"]["progressToken"].exists());
}

void take_answers(Context& context, Session& session, const Letter& letter) {
  for (const json::Value& response : letter.responses) session.answered(response);
  for (const json::Value& notification : letter.notifications) {
    if (notification["method"].text_or("") != "notifications/cancelled") continue;
    const std::string id = json::write(notification["params"]["requestId"]);
    if (session.cancel_call(id)) ++context.ledger.cancelled;
  }
}

void answer_requests(Context& context, Session& session, const Letter& letter,
                     const std::shared_ptr<Post>& post) {
  for (const json::Value& request : letter.requests) {
    if (is_call(session, request)) {
      session.begin_call(std::make_unique<Call>(context, session, letter.document, request, post));
      continue;
    }
    const std::string method(request["method"].text_or(""));
    std::string reply =
        response(json::write(request["id"]), answer(session, method, request["params"]));
    if (context.quirks.slow_lists.count() == 0 || method == "ping") {
      post->respond(std::move(reply));
    } else {
      session.respond_later(post, std::move(reply), context.quirks.slow_lists);
    }
  }
}

}  // namespace dogpipe::sandbox
