#include "bridge/batch.h"

#include <utility>

namespace dogpipe::bridge {

void Batches::Batch::add_answer(std::string_view answer) {
  if (!answers_.empty()) answers_ += ',';
  answers_ += answer;
}

void Batches::expect(const std::shared_ptr<Batch>& batch, std::string_view raw_id) {
  if (by_id_.emplace(std::string(raw_id), batch).second) ++batch->left_;
}

std::optional<std::string> Batches::end(Batch& batch) {
  batch.closed_ = true;
  return text_of(batch);
}

bool Batches::has(std::string_view raw_id) const {
  return !by_id_.empty() && by_id_.count(std::string(raw_id)) > 0;
}

std::optional<std::string> Batches::take(std::string_view raw_id, std::string_view answer) {
  const auto at = by_id_.find(std::string(raw_id));
  if (at == by_id_.end()) return std::nullopt;
  const std::shared_ptr<Batch> batch = std::move(at->second);
  by_id_.erase(at);
  --batch->left_;
  if (!answer.empty()) batch->add_answer(answer);
  return text_of(*batch);
}

std::optional<std::string> Batches::text_of(const Batch& batch) {
  if (!batch.complete() || batch.answers_.empty()) return std::nullopt;
  return '[' + batch.answers_ + ']';
}

}  // namespace dogpipe::bridge
