#include "sandbox/modern_call.h"

#include <utility>

#include "json/writer.h"
#include "sandbox/methods.h"
#include "sandbox/modern_gate.h"

namespace dogpipe::sandbox {

std::optional<Break> read_break(std::string_view name) {
  if (name == "before") return Break{false, false};
  if (name == "before-notified") return Break{false, true};
  if (name == "after") return Break{true, false};
  if (name == "after-notified") return Break{true, true};
  return std::nullopt;
}

ModernCall::ModernCall(Visit visit, Letter letter, Rounds rounds, std::optional<Break> breaks)
    : visit_(std::move(visit)),
      context_(visit_.context),
      letter_(std::move(letter)),
      message_(letter_.requests.front()),
      params_(message_["params"]),
      wishes_(wishes_of(params_)),
      id_(json::write(message_["id"])),
      rounds_(std::move(rounds)),
      breaks_(rounds_.over() ? breaks : std::nullopt) {}

bool ModernCall::wants_stream() const {
  const Quirks& quirks = context_.quirks;
  if (quirks.sse == StreamUse::always || breaks_) return true;
  if (quirks.sse == StreamUse::never) return false;
  return wishes_["sse"].bool_or(false) || wishes_["cut_after"].integer_or(0) > 0 ||
         wishes_["multi_line"].bool_or(false) || wishes_["stray"].bool_or(false) ||
         (wishes_["log"].integer_or(0) > 0 && params_["_meta"][kLogLevelKey].exists()) ||
         (wishes_["progress"].integer_or(0) > 0 && params_["_meta"]["progressToken"].exists());
}

void ModernCall::open(event::HttpAnswer answer) {
  Post::Shape shape;
  shape.pretty = context_.quirks.pretty || wishes_["pretty"].bool_or(false);
  if (!wants_stream()) {
    post_ = std::make_unique<Post>(std::move(answer), std::move(shape));
    return;
  }
  const auto cut = static_cast<int>(wishes_["cut_after"].integer_or(0));
  const Stream::Shape form{cut > 0 ? cut : context_.quirks.cut_stream_after, false, false};
  stream_ = std::make_unique<Stream>(context_.loop, context_.quirks, context_.ledger, "", form);
  stream_->spread(wishes_["multi_line"].bool_or(false));
  stream_->attach(std::move(answer), 0, {{"X-Accel-Buffering", "no"}});
  post_ = std::make_unique<Post>(*stream_, std::move(shape));
}

void ModernCall::begin(event::HttpAnswer answer) {
  ++context_.ledger.works_begun;
  open(std::move(answer));
  post_->on_gone([this] { gone(); });
  if (breaks_ && !breaks_->after) return break_off();
  work_ = std::make_unique<Work>(context_, params_, *post_, [this] { worked(); });
  work_->begin(rounds_.round());
}

// Closing the connection cancels (basic/patterns/cancellation).
void ModernCall::gone() {
  if (std::exchange(over_, true)) return;
  if (work_) work_->stop();
  ++context_.ledger.cancelled;
  ++context_.ledger.works_stopped;
}

void ModernCall::worked() {
  ++context_.ledger.works_done;
  if (!rounds_.over()) {
    over_ = true;
    ++context_.ledger.input_rounds;
    return post_->respond(
        response(id_, std::string_view(input_required_result(visit_.context.quirks, rounds_))));
  }
  count();
  if (breaks_) return break_off();
  tell_log_lines([this](const std::string& json) { post_->tell(json); }, wishes_,
                 params_["_meta"][kLogLevelKey].text_or(""));
  if (wishes_["stray"].bool_or(false)) tell_stray();
  announce();
  respond();
}

void ModernCall::count() {
  const std::string nonce(wishes_["nonce"].text_or(""));
  if (!nonce.empty() && message_["method"].text_or("") == "tools/call") {
    ++context_.ledger.calls[nonce];
  }
}

void ModernCall::announce() {
  for (const Change& change : changes_in(wishes_)) context_.changes.announce(change);
  if (message_["method"].text_or("") != "tools/call") return;
  const Tool* tool = visit_.find_tool(params_["name"].text_or(""));
  if (tool == nullptr || !tool->changes) return;
  for (const Change& change : tool->changes(params_["arguments"])) {
    context_.changes.announce(change);
  }
}

// What may not come on the stream of a call.
void ModernCall::tell_stray() {
  post_->tell(R"({"jsonrpc":"2.0","id":"sandbox-stray","method":"roots/list"})");
  post_->tell(notification("notifications/tools/list_changed", ""));
}

void ModernCall::respond() {
  over_ = true;
  const std::string_view method = message_["method"].text_or("");
  const auto outcome = answer_method({visit_, method, params_, rounds_.answers()});
  post_->respond(modern_response(context_.quirks, id_, method, *outcome,
                                 wishes_["result_type"].text_or("complete")));
}

void ModernCall::break_off() {
  over_ = true;
  const json::Value meta = params_["_meta"];
  if (breaks_->notified && meta["progressToken"].exists()) {
    tell_progress(*post_, meta["progressToken"], 1, 2);
  } else if (breaks_->notified && meta[kLogLevelKey].exists()) {
    post_->tell(
        notification("notifications/message", R"({"level":"emergency","data":"breaking"})"));
  }
  stream_->cut();
}

}  // namespace dogpipe::sandbox
