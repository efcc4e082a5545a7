#include "bridge/replies.h"

#include <utility>

#include "base/log.h"
#include "rpc/id.h"
#include "rpc/one_line.h"

namespace dogpipe::bridge {
namespace {

void flatten(Message& message) {
  if (!message.envelope.multi_line) return;
  if (message.owned.empty()) message.owned.append(message.text);
  rpc::one_line(message.owned, message.envelope);
  message.text = message.owned.view();
}

}  // namespace

void Replies::await(std::string_view raw_id, Leg& leg) { waiting_.emplace(raw_id, Waiting{&leg}); }

void Replies::hand_over(std::string_view raw_id, Leg& leg) {
  const auto at = waiting_.find(std::string(raw_id));
  if (at != waiting_.end()) at->second.leg = &leg;
}

void Replies::stand(std::string_view raw_id) {
  const auto at = waiting_.find(std::string(raw_id));
  if (at == waiting_.end() || std::exchange(at->second.standing, true)) return;
  ++standing_;
}

Leg* Replies::awaited_from(std::string_view raw_id) const {
  const auto at = waiting_.find(std::string(raw_id));
  return at == waiting_.end() ? nullptr : at->second.leg;
}

std::string_view Replies::find_same(std::string_view raw_id) const {
  if (const auto at = waiting_.find(std::string(raw_id)); at != waiting_.end()) return at->first;
  for (const auto& [id, waiting] : waiting_) {
    if (rpc::same_id(id, raw_id)) return id;
  }
  return {};
}

bool Replies::settle(std::string_view raw_id) {
  const auto at = waiting_.find(std::string(raw_id));
  if (at == waiting_.end()) {
    base::log(base::LogLevel::warn, "dropped an answer that nobody waits for");
    return false;
  }
  if (at->second.standing) --standing_;
  waiting_.erase(at);
  return true;
}

void Replies::deliver(Message& message) {
  flatten(message);
  if (message.owned.empty()) return write_line(message.text);
  message.owned.append('\n');
  output_.write(std::move(message.owned));
}

void Replies::answer(std::string_view raw_id, Message& message) {
  const std::string id(raw_id);
  if (!settle(id)) return;
  if (!batches_.has(id)) return deliver(message);
  flatten(message);
  if (const auto answers = batches_.take(id, message.text)) write_line(*answers);
}

void Replies::answer(std::string_view raw_id, std::string_view text) {
  const std::string id(raw_id);
  if (settle(id)) answer_at_once(id, text);
}

void Replies::answer_at_once(std::string_view raw_id, std::string_view text) {
  if (!batches_.has(raw_id)) return write_line(text);
  if (const auto answers = batches_.take(raw_id, text)) write_line(*answers);
}

void Replies::withhold(std::string_view raw_id) {
  const std::string id(raw_id);
  if (!settle(id)) return;
  if (const auto answers = batches_.take(id, {})) write_line(*answers);
}

void Replies::withhold_all() {
  waiting_.clear();
  standing_ = 0;
}

void Replies::write_line(std::string_view text) {
  output_.write(text);
  output_.write("\n");
}

void Replies::end_batch() {
  const auto batch = std::exchange(batch_, nullptr);
  if (const auto answers = batches_.end(*batch)) write_line(*answers);
}

}  // namespace dogpipe::bridge
