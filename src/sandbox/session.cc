#include "sandbox/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.h"

namespace dogpipe::sandbox {

using namespace std::chrono_literals;

Session::Session(Context& context, std::string id, int number, std::string version,
                 const ClientAbilities& abilities, Selection selection)
    : context_(context),
      id_(std::move(id)),
      number_(number),
      version_(std::move(version)),
      abilities_(abilities),
      selection_(std::move(selection)),
      began_(context.loop.now()),
      later_(context.loop) {}

Visit Session::visit() const {
  const Quirks& quirks = context_.quirks;
  const bool renamed = quirks.rename_tools && number_ > 1;
  const bool ready = context_.loop.now() - began_ >= quirks.late_tools * 300ms;
  return {context_, selection_, *organization_, renamed ? fmt::format("_v{}", number_) : "", ready};
}

Stream& Session::open_stream(int cut_after, bool prime) {
  sweep();
  // The id must be unguessable to nobody but the session's holder, who has to name the session too.
  std::string id = fmt::format("s{}", ++streams_opened_);
  const Stream::Shape shape{cut_after, prime && version_ >= "2025-11-25", true};
  auto made = std::make_unique<Stream>(context_.loop, context_.quirks, context_.ledger, id, shape);
  return *(streams_[std::move(id)] = std::move(made));
}

Stream* Session::find_stream(std::string_view id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

Stream* Session::listening() {
  Stream* stream = find_stream(listening_);
  return stream != nullptr && (stream->attached() || stream->resumable()) ? stream : nullptr;
}

void Session::sweep() {
  const bool many = streams_.size() > 64;
  std::erase_if(streams_, [many](const auto& entry) {
    const Stream& stream = *entry.second;
    return stream.delivered() && (many || stream.bytes() > (1u << 20));
  });
}

std::string Session::ask(Stream& stream, std::string_view method, std::string_view params_json,
                         OnAnswer told) {
  std::string id = fmt::format("sandbox-{}", ++asked_);
  json::Writer out;
  out.begin_object().member("jsonrpc", "2.0").member("id", id).member("method", method);
  if (!params_json.empty()) out.raw_member("params", params_json);
  waiting_[id] = std::move(told);
  stream.send(out.end_object().take());
  return id;
}

bool Session::answered(json::Value response) {
  const auto found = waiting_.find(response["id"].text_or(""));
  if (found == waiting_.end()) return false;
  const OnAnswer told = std::move(found->second);
  waiting_.erase(found);
  told(response);
  return true;
}

bool Session::idle() const {
  const auto talks = [](const auto& entry) { return entry.second->attached(); };
  const auto runs = [](const auto& call) { return !call->over(); };
  return delayed_ == 0 && std::none_of(streams_.begin(), streams_.end(), talks) &&
         std::none_of(calls_.begin(), calls_.end(), runs);
}

void Session::respond_later(std::shared_ptr<Post> post, std::string reply, base::Duration delay) {
  ++delayed_;
  later_.after(delay, [this, post = std::move(post), reply = std::move(reply)] {
    --delayed_;
    post->respond(reply);
  });
}

void Session::begin_call(std::unique_ptr<Call> call) {
  std::erase_if(calls_, [](const auto& old) { return old->over(); });
  Call& begun = *call;
  calls_.push_back(std::move(call));
  begun.begin();
}

bool Session::cancel_call(std::string_view id) {
  for (const auto& call : calls_) {
    if (call->over() || call->id() != id) continue;
    call->cancel();
    return true;
  }
  return false;
}

}  // namespace dogpipe::sandbox
