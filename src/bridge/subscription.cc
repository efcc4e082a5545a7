#include "bridge/subscription.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kUpdated = "notifications/resources/updated";
constexpr std::string_view kResources = "resourceSubscriptions";

struct Kind {
  std::string_view flag;  // in `notifications` of the request
  std::string_view method;
};
constexpr std::array<Kind, 3> kKinds = {
    {{"toolsListChanged", "notifications/tools/list_changed"},
     {"promptsListChanged", "notifications/prompts/list_changed"},
     {"resourcesListChanged", "notifications/resources/list_changed"}}};

constexpr std::string_view kAcknowledged = "notifications/subscriptions/acknowledged";
constexpr std::string_view kCancelled = "notifications/cancelled";
constexpr std::array<std::string_view, 3> kOfListensAlone = {kUpdated, kAcknowledged, kCancelled};
constexpr std::array<std::string_view, 3> kNotOfListens = {"notifications/progress",
                                                           "notifications/message", kCancelled};

bool is(const Message& message, std::string_view method) {
  return rpc::spells(message.envelope.method.in(message.text), method);
}

template <class Methods>
bool is_one_of(const Message& message, const Methods& methods) {
  return std::any_of(methods.begin(), methods.end(),
                     [&](std::string_view method) { return is(message, method); });
}

const Kind* kind_of(const Message& message) {
  const auto at = std::find_if(kKinds.begin(), kKinds.end(),
                               [&](const Kind& kind) { return is(message, kind.method); });
  return at == kKinds.end() ? nullptr : at;
}

std::string tagged(std::string_view method, std::string_view raw_id, std::string_view more) {
  return rpc::write_call(
      "", method, fmt::format(R"({{"_meta":{{"{}":{}}}{}}})", mcp::kSubscriptionId, raw_id, more));
}

}  // namespace

bool may_precede_answer(const Message& message) {
  return message.envelope.shape == rpc::Shape::notification && kind_of(message) == nullptr &&
         !is_one_of(message, kOfListensAlone);
}

Subscription::Subscription(std::string_view raw_params) {
  const auto filter = rpc::member(raw_params, "notifications");
  if (!filter) return;
  for (const Kind& kind : kKinds) {
    if (rpc::member(*filter, kind.flag) == "true") flags_.emplace_back(kind.flag);
  }
  const auto uris = rpc::member(*filter, kResources);
  if (!uris) return;
  rpc::for_each_element(*uris, [this](std::string_view uri) {
    if (uri.starts_with('"')) raw_uris_.emplace_back(uri);
  });
}

bool Subscription::asks_for(std::string_view flag) const {
  return std::find(flags_.begin(), flags_.end(), flag) != flags_.end();
}

bool Subscription::admits(const Message& message) const {
  if (message.envelope.shape != rpc::Shape::notification) return false;
  if (const Kind* kind = kind_of(message)) return asks_for(kind->flag);
  if (is(message, kUpdated)) return !raw_uris_.empty();
  return !is_one_of(message, kNotOfListens);
}

void Subscription::limit_to(const Subscription& wanted) {
  std::unordered_set<std::string> uris;
  for (const std::string& raw : wanted.raw_uris_) uris.insert(rpc::string_value(raw).value_or(""));
  std::erase_if(flags_, [&](const std::string& flag) { return !wanted.asks_for(flag); });
  std::erase_if(raw_uris_, [&](const std::string& raw) {
    return !uris.contains(rpc::string_value(raw).value_or(""));
  });
}

std::vector<std::string> Subscription::catch_up(std::string_view raw_id) const {
  std::vector<std::string> all;
  for (const Kind& kind : kKinds) {
    if (asks_for(kind.flag)) all.push_back(tagged(kind.method, raw_id, ""));
  }
  for (const std::string& uri : raw_uris_) {
    all.push_back(tagged(kUpdated, raw_id, ",\"uri\":" + uri));
  }
  return all;
}

base::Bytes with_subscription_id(std::string_view text, const rpc::Envelope& envelope,
                                 std::string_view raw_id) {
  const std::string_view body =
      envelope.result ? envelope.result.in(text) : envelope.params.in(text);
  const auto meta = rpc::member(body, "_meta");
  const auto tag = meta ? rpc::member(*meta, mcp::kSubscriptionId) : std::nullopt;
  if (!tag) return base::Bytes(text);
  const auto begin = static_cast<std::size_t>(tag->data() - text.data());
  base::Bytes out;
  out.reserve(text.size() - tag->size() + raw_id.size());
  out.append(text.substr(0, begin));
  out.append(raw_id);
  out.append(text.substr(begin + tag->size()));
  return out;
}

}  // namespace dogpipe::bridge
