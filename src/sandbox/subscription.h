// One subscriptions/listen (2026-07-28, basic/patterns/subscriptions): a stream of what changes, of
// the kinds that the client has opted in to.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "event/http_server.h"
#include "json/reader.h"
#include "sandbox/changes.h"
#include "sandbox/context.h"
#include "sandbox/stream.h"

namespace dogpipe::sandbox {

class Subscription {
 public:
  // `message` is only read here. Begins with the acknowledgement.
  Subscription(Context& context, json::Value message, event::HttpAnswer answer);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  bool over() const { return !stream_.attached(); }
  void change(const Change& change);
  // With a result.
  void end();
  void cut();

 private:
  void grant(json::Value wanted);
  void acknowledge();
  void send(const std::string& json);
  void count_off();
  std::string tag() const;

  Context& context_;
  std::string id_;  // raw JSON
  Stream stream_;
  std::set<Change::Kind> lists_;
  std::set<std::string> resources_;
  bool counted_ = true;
};

}  // namespace dogpipe::sandbox
