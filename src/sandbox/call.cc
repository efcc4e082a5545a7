#include "sandbox/call.h"

#include <fmt/format.h>

#include <utility>

#include "json/writer.h"
#include "sandbox/methods.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {

Call::Call(Context& context, Session& session, std::shared_ptr<const json::Document> document,
           json::Value request, std::shared_ptr<Post> post)
    : context_(context),
      session_(session),
      document_(std::move(document)),
      method_(request["method"].text_or("")),
      params_(request["params"]),
      wishes_(wishes_of(params_)),
      id_(json::write(request["id"])),
      post_(std::move(post)),
      work_(context, params_, *post_, [this] { worked(); }),
      turn_(context.loop, [this] { ask_on(); }),
      rounds_(rounds_of(session.visit(), method_, params_)) {}

Call::~Call() { forget_questions(); }

void Call::begin() {
  if (Stream* stream = post_->stream(); stream != nullptr) {
    if (wishes_["multi_line"].bool_or(false)) stream->spread(true);
    const auto cut = static_cast<int>(wishes_["cut_after"].integer_or(0));
    if (cut > 0) stream->cut_after(cut);
  }
  work_.begin();
}

void Call::cancel() {
  over_ = true;
  work_.stop();
  turn_.stop();
  forget_questions();
  post_->withdraw();
}

void Call::worked() {
  const bool on_get = wishes_["log_via"].text_or("") == "get";
  tell_log_lines([&](const std::string& json) { tell(json, on_get); }, wishes_,
                 session_.log_level());
  announce();
  if (refuses_for_url()) return;
  ask_on();
}

// Notifications about things that changed, on the GET stream where there is one.
void Call::announce() {
  std::vector<Change> changes = changes_in(wishes_);
  const Tool* tool = session_.visit().find_tool(params_["name"].text_or(""));
  if (tool != nullptr && tool->changes) {
    for (Change& change : tool->changes(params_["arguments"])) {
      changes.push_back(std::move(change));
    }
  }
  for (const Change& change : changes) {
    tell(change_notification(change), true);
    context_.changes.announce(change, &session_);
  }
}

void Call::tell(const std::string& json, bool on_get) {
  Stream* stream = on_get ? session_.listening() : nullptr;
  if (stream != nullptr) return stream->send(json);
  post_->tell(json);
}

// URLElicitationRequired (2025-11-25), once for each kind of call.
bool Call::refuses_for_url() {
  const bool wanted = context_.quirks.url_required || wishes_["url_required"].bool_or(false);
  if (!wanted || session_.version() < "2025-11-25") return false;
  bool asks = false;
  for (Round& round : rounds_) asks = std::erase(round, Ask::url) != 0 || asks;
  if (!asks || !context_.ledger.first_time(refusal_key())) return false;
  finish(failure(-32042, "URL elicitation required",
                 fmt::format(R"({{"elicitations":[{}]}})",
                             question(Ask::url).params(session_.version(), id_))));
  return true;
}

// The same call made again has the same.
std::string Call::refusal_key() const {
  return fmt::format("{} {} {}", session_.stateless() ? "" : session_.id(),
                     json::write(params_["name"]), json::write(params_["arguments"]));
}

Stream* Call::stream_for_questions() {
  const bool on_get = context_.quirks.server_requests_on_get || wishes_["via"].text_or("") == "get";
  return on_get || !post_->streams() ? session_.listening() : post_->stream();
}

// The next round of questions; without one the end.
void Call::ask_on() {
  while (round_ < rounds_.size()) {
    for (const Ask kind : rounds_[round_++]) ask(question(kind));
    if (!waiting_.empty()) return;
  }
  const Visit visit = session_.visit();
  const auto outcome = answer_method({visit, method_, params_, answers_});
  finish(outcome.value_or(failure(-32601, "Method not found")));
}

void Call::ask(const Question& question) {
  Stream* stream = stream_for_questions();
  if (!question.allowed(session_.abilities()) || stream == nullptr) {
    answers_.emplace_back(stream == nullptr ? R"({"refused":"no stream to ask on"})"
                                            : R"({"refused":"the client cannot do this"})");
    return;
  }
  const std::size_t place = answers_.size();
  answers_.emplace_back();
  const bool url = question.ask == Ask::url;
  const std::string id =
      session_.ask(*stream, question.method, question.params(session_.version(), id_),
                   [this, place, url](const json::Value& response) {
                     if (url) complete_url();
                     answered(place, response);
                   });
  waiting_.insert(id);
}

// The user has done what the page wanted (2025-11-25, client/elicitation).
void Call::complete_url() {
  if (!wishes_["complete"].bool_or(false)) return;
  const auto params = json::read(question(Ask::url).params(session_.version(), id_));
  post_->tell(notification(
      "notifications/elicitation/complete",
      fmt::format(R"({{"elicitationId":{}}})", json::write(params->root()["elicitationId"]))));
}

void Call::answered(std::size_t place, const json::Value& response) {
  const json::Value outcome = response["result"];
  answers_[place] = json::write(outcome.exists() ? outcome : response["error"]);
  waiting_.erase(std::string(response["id"].text_or("")));
  if (waiting_.empty()) turn_.start(Milliseconds(0));
}

void Call::finish(const Outcome& outcome) {
  over_ = true;
  post_->respond(response(id_, outcome));
}

void Call::forget_questions() {
  for (const std::string& id : waiting_) session_.forget(id);
  waiting_.clear();
}

}  // namespace dogpipe::sandbox
