#include "sandbox/subscription.h"

#include <array>
#include <utility>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/modern_gate.h"
#include "sandbox/modern_reply.h"
#include "sandbox/resources.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::pair<std::string_view, Change::Kind>, 3> kLists = {{
    {"toolsListChanged", Change::Kind::tools},
    {"promptsListChanged", Change::Kind::prompts},
    {"resourcesListChanged", Change::Kind::resources},
}};

}  // namespace

Subscription::Subscription(Context& context, json::Value message, event::HttpAnswer answer)
    : context_(context),
      id_(json::write(message["id"])),
      stream_(context.loop, context.quirks, context.ledger, "",
              {context.quirks.cut_listen_after, false, false}) {
  ++context_.ledger.listens;
  ++context_.ledger.open_listens;
  grant(message["params"]["notifications"]);
  stream_.attach(std::move(answer), 0, {{"X-Accel-Buffering", "no"}});
  stream_.on_gone([this] { count_off(); });
  acknowledge();
}

Subscription::~Subscription() {
  stream_.cut();
  count_off();
}

void Subscription::count_off() {
  if (over() && std::exchange(counted_, false)) --context_.ledger.open_listens;
}

void Subscription::send(const std::string& json) {
  stream_.send(json);
  count_off();
}

void Subscription::cut() {
  stream_.cut();
  count_off();
}

void Subscription::grant(json::Value wanted) {
  for (const auto& [name, kind] : kLists) {
    if (wanted[name].bool_or(false)) lists_.insert(kind);
  }
  for (const json::Value uri : wanted["resourceSubscriptions"]) {
    if (is_resource(context_.world, uri.text_or(""))) resources_.emplace(uri.text_or(""));
  }
}

void Subscription::acknowledge() {
  json::Writer out;
  out.begin_object().name("notifications").begin_object();
  for (const auto& [name, kind] : kLists) {
    if (lists_.count(kind) != 0) out.member(name, true);
  }
  if (!resources_.empty()) {
    out.name("resourceSubscriptions").begin_array();
    for (const std::string& uri : resources_) out.value(uri);
    out.end_array();
  }
  out.end_object().end_object();
  send(notification("notifications/subscriptions/acknowledged", merged(out.take(), tag())));
}

std::string Subscription::tag() const {
  json::Writer out;
  out.begin_object().name("_meta").begin_object().raw_member(kSubscriptionKey, id_);
  return out.end_object().end_object().take();
}

void Subscription::change(const Change& change) {
  const bool wanted = change.kind == Change::Kind::resource ? resources_.count(change.uri) != 0
                                                            : lists_.count(change.kind) != 0;
  if (wanted) send(change_notification(change, tag()));
}

void Subscription::end() {
  stream_.send(response(id_, std::string_view(listen_result(context_.quirks, id_))));
  stream_.finish();
  count_off();
}

}  // namespace dogpipe::sandbox
