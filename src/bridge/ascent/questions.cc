#include "bridge/ascent/questions.h"

#include <algorithm>

#include "base/log.h"
#include "rpc/id.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::ascent {

void Questions::ask(Asker& asker, std::size_t number, std::string_view method,
                    std::string_view raw_params) {
  const std::string raw_id = mint_();
  asked_.emplace(raw_id, Question{&asker, number});
  replies_.write_line(rpc::write_call(raw_id, method, raw_params));
}

void Questions::withdraw(const Asker& asker) {
  for (const auto& [raw_id, question] : asked_) {
    if (question.asker != &asker) continue;
    replies_.write_line(
        rpc::write_call("", "notifications/cancelled", R"({"requestId":)" + raw_id + "}"));
  }
  forget(asker);
}

void Questions::forget(const Asker& asker) {
  std::erase_if(asked_, [&](const auto& one) { return one.second.asker == &asker; });
}

// A host may spell the id in its own way.
Questions::Asked::iterator Questions::find(std::string_view raw_id) {
  const auto at = asked_.find(std::string(raw_id));
  if (at != asked_.end()) return at;
  return std::find_if(asked_.begin(), asked_.end(),
                      [&](const auto& one) { return rpc::same_id(one.first, raw_id); });
}

void Questions::take(const HostMessage& response) {
  const auto at = find(response.raw_id());
  if (at == asked_.end()) {
    return base::log(base::LogLevel::warn,
                     "dropped the host's response to a request that nobody made");
  }
  const Question question = at->second;
  asked_.erase(at);
  std::optional<std::string_view> raw_result;
  if (response.envelope.shape == rpc::Shape::response) {
    raw_result = response.envelope.result.in(response.text.view());
  }
  question.asker->on_reply(question.number, raw_result);
}

}  // namespace dogpipe::bridge::ascent
