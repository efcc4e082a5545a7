#include "bridge/leg.h"

#include <utility>

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::bridge {

HostMessage HostMessage::read(base::Bytes text) {
  HostMessage message;
  message.text = std::move(text);
  if (const rpc::Scanned scanned = rpc::scan(message.text.view())) message.envelope = *scanned;
  message.method = rpc::unescape(message.envelope.method.in(message.text.view()));
  return message;
}

bool is_modern(const HostMessage& message) {
  const auto meta = rpc::member(message.raw_params(), "_meta");
  return meta && rpc::member(*meta, mcp::kModernClaim).has_value();
}

}  // namespace dogpipe::bridge
