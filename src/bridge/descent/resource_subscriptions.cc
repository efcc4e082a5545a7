#include "bridge/descent/resource_subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "rpc/reply.h"

namespace dogpipe::bridge::descent {

ResourceSubscriptions::ResourceSubscriptions(Server& server, Mint mint, Owner& owner)
    : server_(server), mint_(std::move(mint)), owner_(owner) {}

void ResourceSubscriptions::ask(const std::string& uri, Subscription& subscription, State state) {
  subscription.state = state;
  subscription.upstream_id = mint_();
  Request request;
  request.raw_id = subscription.upstream_id;
  request.method = state == State::asking ? "resources/subscribe" : "resources/unsubscribe";
  request.text = std::make_shared<const base::Bytes>(rpc::write_call(
      request.raw_id, request.method, fmt::format(R"({{"uri":{}}})", rpc::quoted(uri))));
  server_.send(std::move(request));
}

bool ResourceSubscriptions::add(const std::string& uri) {
  const auto [at, is_new] = by_uri_.try_emplace(uri);
  ++at->second.wanted;
  if (is_new) ask(uri, at->second, State::asking);
  return at->second.state == State::held;
}

void ResourceSubscriptions::remove(const std::string& uri) {
  const auto at = by_uri_.find(uri);
  if (at == by_uri_.end() || --at->second.wanted > 0) return;
  if (at->second.state == State::held) ask(uri, at->second, State::leaving);
}

bool ResourceSubscriptions::take_answer(const Request& request, bool success) {
  const auto at = std::find_if(by_uri_.begin(), by_uri_.end(), [&](const auto& one) {
    return one.second.upstream_id == request.raw_id;
  });
  if (at == by_uri_.end()) return false;
  Subscription& subscription = at->second;
  const std::string uri = at->first;
  const bool granted = subscription.state == State::asking && success;
  subscription.upstream_id.clear();
  if (subscription.state == State::leaving) {
    if (subscription.wanted > 0) {
      ask(uri, subscription, State::asking);
    } else {
      by_uri_.erase(at);
    }
    return true;
  }
  if (!granted) {
    by_uri_.erase(at);
    owner_.on_subscribed(uri, false);
  } else if (subscription.wanted == 0) {
    ask(uri, subscription, State::leaving);
  } else {
    subscription.state = State::held;
    owner_.on_subscribed(uri, true);
  }
  return true;
}

}  // namespace dogpipe::bridge::descent
