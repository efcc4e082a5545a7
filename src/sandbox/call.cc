#include "sandbox/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/question.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {
namespace {

constexpr int kProgressAtOnce = 256;

json::Value wishes_of(const json::Value& params) { return params["arguments"]["_sandbox"]; }

}  // namespace

bool wants_stream(json::Value params, const Quirks& quirks) {
  if (quirks.sse == StreamUse::always) return true;
  if (quirks.sse == StreamUse::never) return false;
  const json::Value wishes = wishes_of(params);
  if (!wishes.is_object()) return false;
  const bool asks = !questions_in(wishes).empty() && wishes["via"].text_or("") != "get" &&
                    !quirks.server_requests_on_get;
  return wishes["sse"].bool_or(false) || asks || wishes["log"].integer_or(0) > 0 ||
         wishes["cut_after"].integer_or(0) > 0 || wishes["multi_line"].bool_or(false) ||
         (wishes["progress"].integer_or(0) > 0 && params["_meta"]["progressToken"].exists());
}

Call::Call(Context& context, Session& session, std::shared_ptr<const json::Document> document,
           json::Value request, std::shared_ptr<Post> post)
    : context_(context),
      session_(session),
      document_(std::move(document)),
      params_(request["params"]),
      wishes_(wishes_of(params_)),
      id_(json::write(request["id"])),
      post_(std::move(post)),
      timer_(context.loop, [this] { step(); }) {}

Call::~Call() { session_.forget(asking_); }

void Call::begin() {
  if (Stream* stream = post_->stream(); stream != nullptr) {
    if (wishes_["multi_line"].bool_or(false)) stream->spread(true);
    const auto cut = static_cast<int>(wishes_["cut_after"].integer_or(0));
    if (cut > 0) stream->cut_after(cut);
  }
  const Milliseconds wait =
      context_.quirks.slow_calls + Milliseconds(wishes_["delay_ms"].integer_or(0));
  if (wait.count() > 0) {
    timer_.start(wait);
  } else {
    step();
  }
}

void Call::cancel() {
  over_ = true;
  timer_.stop();
  session_.forget(asking_);
  post_->withdraw();
}

void Call::step() {
  if (!report_progress()) return;
  if (!std::exchange(announced_, true)) {
    log_lines();
    announce();
  }
  if (!ask_next()) return;
  finish();
}

// Whether all has been reported; else a timer goes on with it.
bool Call::report_progress() {
  const auto total = static_cast<int>(wishes_["progress"].integer_or(0));
  const json::Value token = params_["_meta"]["progressToken"];
  if (!token.exists() || progress_ >= total) return true;
  const Milliseconds pause(wishes_["progress_ms"].integer_or(0));
  const int last = pause.count() > 0 ? progress_ + 1 : std::min(total, progress_ + kProgressAtOnce);
  const std::string token_json = json::write(token);
  while (progress_ < last) {
    ++progress_;
    post_->tell(fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress","params":)"
                            R"({{"progressToken":{},"progress":{},"total":{}}}}})",
                            token_json, progress_, total));
  }
  timer_.start(pause);
  return false;
}

void Call::log_lines() {
  if (!logs_at(session_.log_level(), "info")) return;
  const auto lines = wishes_["log"].integer_or(0);
  for (std::int64_t i = 1; i <= lines; ++i) {
    json::Writer out;
    out.begin_object().member("level", "info").member("logger", "sandbox");
    out.member("data", fmt::format("line {} of {}", i, lines));
    post_->tell(notification("notifications/message", out.end_object().take()));
  }
}

// Notifications about things that changed, on the GET stream where there is one.
void Call::announce() {
  const auto tell = [&](const std::string& json) {
    if (Stream* stream = session_.listening(); stream != nullptr) return stream->send(json);
    post_->tell(json);
  };
  if (wishes_["list_changed"].bool_or(false)) {
    tell(notification("notifications/tools/list_changed", ""));
  }
  const std::string_view uri = wishes_["resource_updated"].text_or("");
  if (!uri.empty()) {
    tell(notification("notifications/resources/updated",
                      fmt::format(R"({{"uri":{}}})", json::quoted(uri))));
  }
}

Stream* Call::stream_for_questions() {
  const bool on_get = context_.quirks.server_requests_on_get || wishes_["via"].text_or("") == "get";
  return on_get || !post_->streams() ? session_.listening() : post_->stream();
}

// Whether nothing is left to ask and everything has been answered.
bool Call::ask_next() {
  const std::vector<Question> questions = questions_in(wishes_);
  while (questions_ < questions.size()) {
    const Question& question = questions[questions_++];
    Stream* stream = stream_for_questions();
    if (!question.allowed(session_.abilities()) || stream == nullptr) {
      answers_.push_back(stream == nullptr ? R"({"refused":"no stream to ask on"})"
                                           : R"({"refused":"the client cannot do this"})");
      continue;
    }
    asking_ = session_.ask(
        *stream, question.method, question.params(session_.version(), id_),
        [this](const json::Value& response) {
          const json::Value outcome = response["result"];
          answers_.push_back(json::write(outcome.exists() ? outcome : response["error"]));
          timer_.start(Milliseconds(0));
        });
    return false;
  }
  return true;
}

void Call::finish() {
  over_ = true;
  post_->respond(result());
}

std::string Call::padded(std::size_t bytes) const {
  static constexpr std::string_view kLine =
      "The quick brown fox jumps over the lazy dog 0123456789. ";
  std::string text;
  text.reserve(bytes);
  while (text.size() < bytes) text += kLine.substr(0, bytes - text.size());
  return text;
}

std::string Call::result() {
  const std::string name(params_["name"].text_or(""));
  const json::Value arguments = params_["arguments"];
  const auto tools = session_.tools();
  const auto found = std::find_if(tools.begin(), tools.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  if (found == tools.end()) return error_response(id_, -32602, "Unknown tool: " + name);
  if (const auto code = wishes_["error"].integer_or(0); code != 0) {
    return error_response(id_, code, "an error was asked for");
  }

  ToolAnswer answer;
  const auto missing =
      std::find_if(found->second->required.begin(), found->second->required.end(),
                   [&](const std::string& argument) { return !arguments[argument].exists(); });
  if (arguments["telemetry"]["intent"].text_or("").empty()) {
    answer = tool_error("Invalid arguments: telemetry.intent is required.");
  } else if (context_.quirks.forbid_calls == Forbid::by_result) {
    answer = tool_error("Forbidden: your role lacks the permission mcp_read.");
  } else if (missing != found->second->required.end()) {
    answer = tool_error("Invalid arguments: " + *missing + " is required.");
  } else if (wishes_["bytes"].exists()) {
    answer.text = padded(static_cast<std::size_t>(
        std::clamp<std::int64_t>(wishes_["bytes"].integer_or(0), 0, std::int64_t{1} << 30)));
  } else {
    answer = found->second->run(context_.world, arguments);
  }

  json::Writer out;
  out.begin_object().name("content").begin_array();
  out.begin_object().member("type", "text").member("text", answer.text).end_object();
  for (const std::string& reply : answers_) {
    out.begin_object().member("type", "text").member("text", reply).end_object();
  }
  out.end_array();
  if (const json::Value raw = wishes_["raw"]; raw.is_string()) {
    out.name("structuredContent").begin_object().raw_member("raw", raw.text_or("")).end_object();
  } else if (!answer.structured.empty()) {
    out.raw_member("structuredContent", answer.structured);
  }
  if (answer.is_error || wishes_["is_error"].bool_or(false)) out.member("isError", true);
  return response(id_, out.end_object().take());
}

}  // namespace dogpipe::sandbox
