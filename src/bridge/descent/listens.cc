#include "bridge/descent/listens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::descent {
namespace {

constexpr std::string_view kUpdated = "notifications/resources/updated";
constexpr std::size_t kMostEarly = 64;

struct Kind {
  std::string_view method;
  std::string_view filter;      // its member of SubscriptionFilter
  std::string_view capability;  // whose `listChanged` it takes
};

constexpr std::array<Kind, 3> kKinds = {{
    {"notifications/tools/list_changed", "toolsListChanged", "tools"},
    {"notifications/prompts/list_changed", "promptsListChanged", "prompts"},
    {"notifications/resources/list_changed", "resourcesListChanged", "resources"},
}};

template <class List, class Value>
bool holds(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// A server may announce a part of what was subscribed to (schema, ResourceUpdatedNotification).
bool covers(std::string_view subscribed, std::string_view uri) {
  if (!uri.starts_with(subscribed)) return false;
  const std::string_view rest = uri.substr(subscribed.size());
  return rest.empty() || subscribed.ends_with('/') ||
         std::string_view("/?#").find(rest.front()) != std::string_view::npos;
}

std::string raw_uri(std::string_view uri) {
  return fmt::format(R"({{"uri":{}}})", rpc::quoted(uri));
}

std::vector<std::string> read_uris(std::string_view raw_filter) {
  std::vector<std::string> uris;
  const auto raw = rpc::member(raw_filter, "resourceSubscriptions");
  rpc::for_each_element(raw.value_or(std::string_view()), [&](std::string_view element) {
    if (uris.size() == Listens::kMostResources) return;
    auto uri = rpc::string_value(element);
    if (uri && !holds(uris, *uri)) uris.push_back(std::move(*uri));
  });
  return uris;
}

std::string tagged(std::string_view raw_params, std::string_view raw_id) {
  rpc::ObjectEdit params(raw_params);
  rpc::ObjectEdit meta(params.get("_meta").value_or(std::string_view()));
  meta.set(mcp::kSubscriptionId, std::string(raw_id));
  params.set("_meta", meta.write());
  return params.write();
}

}  // namespace

Listens::Listens(Server& server, Replies& replies, Mint mint, const HiddenSession& session)
    : replies_(replies),
      session_(session),
      resources_(server, std::move(mint), static_cast<ResourceSubscriptions::Owner&>(*this)) {}

void Listens::open(std::string_view raw_id, std::string_view raw_filter) {
  listens_.push_back(std::make_unique<Listen>());
  Listen& listen = *listens_.back();
  listen.raw_id = raw_id;
  for (const Kind& kind : kKinds) {
    const bool wanted = rpc::member(raw_filter, kind.filter) == "true";
    if (wanted && session_.can(kind.capability, "listChanged")) listen.kinds.push_back(kind.method);
  }
  if (session_.can("resources", "subscribe")) listen.uris = read_uris(raw_filter);
  for (const std::string& uri : listen.uris) {
    if (!resources_.add(uri)) ++listen.undecided;
  }
  if (listen.undecided == 0) acknowledge(listen);
}

void Listens::on_subscribed(const std::string& uri, bool granted) {
  for (const auto& listen : listens_) {
    if (!holds(listen->uris, uri)) continue;
    if (!granted) std::erase(listen->uris, uri);
    if (--listen->undecided == 0) acknowledge(*listen);
  }
}

void Listens::acknowledge(Listen& listen) {
  std::string honoured;
  const auto add = [&honoured](std::string_view name, std::string_view raw) {
    honoured += fmt::format(R"({}"{}":{})", honoured.empty() ? "" : ",", name, raw);
  };
  for (const Kind& kind : kKinds) {
    if (holds(listen.kinds, kind.method)) add(kind.filter, "true");
  }
  std::string uris;
  for (const std::string& uri : listen.uris) {
    uris += (uris.empty() ? "" : ",") + rpc::quoted(uri);
  }
  if (!uris.empty()) add("resourceSubscriptions", '[' + uris + ']');
  replies_.write_line(
      rpc::write_call("", "notifications/subscriptions/acknowledged",
                      fmt::format(R"({{"_meta":{{"{}":{}}},"notifications":{{{}}}}})",
                                  mcp::kSubscriptionId, listen.raw_id, honoured)));
  listen.acknowledged = true;
  for (const std::string& line : std::exchange(listen.early, {})) replies_.write_line(line);
}

bool Listens::close(std::string_view raw_id) {
  const auto at = std::find_if(listens_.begin(), listens_.end(),
                               [&](const auto& listen) { return listen->raw_id == raw_id; });
  if (at == listens_.end()) return false;
  const std::unique_ptr<Listen> listen = std::move(*at);
  listens_.erase(at);
  for (const std::string& uri : listen->uris) resources_.remove(uri);
  return true;
}

void Listens::end(std::string_view raw_id) {
  const std::string result = fmt::format(R"({{"resultType":"complete","_meta":{{"{}":{}}}}})",
                                         mcp::kSubscriptionId, raw_id);
  const std::string params = fmt::format(R"({{"requestId":{}}})", raw_id);
  replies_.answer(raw_id, rpc::write_result(raw_id, result));
  replies_.write_line(rpc::write_call("", "notifications/cancelled", params));
}

void Listens::end_all() {
  for (const auto& listen : std::exchange(listens_, {})) end(listen->raw_id);
  resources_.clear();
}

void Listens::tell(Listen& listen, std::string_view method, std::string_view raw_params) {
  std::string line = rpc::write_call("", method, tagged(raw_params, listen.raw_id));
  if (listen.acknowledged) return replies_.write_line(line);
  if (listen.early.size() < kMostEarly && !holds(listen.early, line)) {
    listen.early.push_back(std::move(line));
  }
}

bool Listens::announce(std::string_view method, std::string_view raw_params) {
  if (method == kUpdated) {
    const auto raw = rpc::member(raw_params, "uri");
    const auto uri = raw ? rpc::string_value(*raw) : std::nullopt;
    if (!uri) return true;
    for (const auto& listen : listens_) {
      const bool wanted = std::any_of(listen->uris.begin(), listen->uris.end(),
                                      [&](const std::string& one) { return covers(one, *uri); });
      if (wanted) tell(*listen, method, raw_params);
    }
    return true;
  }
  const auto known = [&](const Kind& kind) { return kind.method == method; };
  if (std::none_of(kKinds.begin(), kKinds.end(), known)) return false;
  for (const auto& listen : listens_) {
    if (holds(listen->kinds, method)) tell(*listen, method, raw_params);
  }
  return true;
}

void Listens::announce_all() {
  for (const auto& listen : listens_) {
    for (const std::string_view method : listen->kinds) tell(*listen, method, {});
    for (const std::string& uri : listen->uris) tell(*listen, kUpdated, raw_uri(uri));
  }
}

bool Listens::take_answer(const Request& request, const Message& message) {
  return resources_.take_answer(request, message.envelope.shape == rpc::Shape::response);
}

bool Listens::take_failure(const Request& request) {
  return resources_.take_answer(request, false);
}

}  // namespace dogpipe::bridge::descent
