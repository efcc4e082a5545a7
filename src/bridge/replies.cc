#include "bridge/replies.h"

#include <utility>

#include "base/log.h"
#include "mcp/revision.h"
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

void Replies::deliver(Message& message) {
  flatten(message);
  if (message.owned.empty()) return write_line(message.text);
  message.owned.append('\n');
  output_.write(std::move(message.owned));
}

void Replies::answer(std::string_view raw_id, Message& message) {
  if (!batches_.has(raw_id)) return deliver(message);
  flatten(message);
  answer(raw_id, message.text);
}

void Replies::answer(std::string_view raw_id, std::string_view text) {
  if (!batches_.has(raw_id)) return write_line(text);
  if (const auto answers = batches_.take(raw_id, text)) write_line(*answers);
}

void Replies::withhold(std::string_view raw_id) {
  if (const auto answers = batches_.take(raw_id, {})) write_line(*answers);
}

void Replies::complain(std::string_view text) {
  base::log(base::LogLevel::warn, "refused a message of the host: {}", text);
  if (mcp::allows_error_without_id(session_.revision())) write_line(text);
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
