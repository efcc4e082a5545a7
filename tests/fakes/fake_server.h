// A Server that keeps what it is sent; the test plays the answers.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/server.h"
#include "rpc/envelope.h"
#include "rpc/reply.h"

namespace dogpipe::fakes {

class FakeServer final : public bridge::Server {
 public:
  void attach(Listener& listener) { listener_ = &listener; }

  void send(bridge::Request request) override {
    if (!request.raw_id.empty()) open_.push_back(request.raw_id);
    if (on_send) on_send(request);
    sent_.push_back(std::move(request));
  }
  void cancel(std::string_view raw_id, bridge::SharedBytes notification) override {
    if (!close(raw_id)) throw std::runtime_error("cancelled what is not under way");
    cancelled_.emplace_back(raw_id);
    cancel_texts_.emplace_back(notification ? notification->view() : std::string_view());
  }
  bool idle() const override {
    return std::all_of(open_.begin(), open_.end(), [this](const std::string& id) {
      return request_of(id).method == "subscriptions/listen";
    });
  }
  void abandon() override {
    open_.clear();
    abandoned = true;
  }
  void leave(std::function<void()> done) override {
    left = true;
    done();
  }

  // What it was sent, from the first on; a negative index counts from the last.
  std::size_t count() const { return sent_.size(); }
  const bridge::Request& request(int index) const {
    return sent_.at(index < 0 ? sent_.size() - static_cast<std::size_t>(-index)
                              : static_cast<std::size_t>(index));
  }
  std::string_view text(int index) const { return request(index).text->view(); }
  const std::string& id(int index) const { return request(index).raw_id; }
  bool is_open(std::string_view raw_id) const {
    return std::find(open_.begin(), open_.end(), raw_id) != open_.end();
  }
  // The ids that were cancelled, in order, and the notifications that came with them, or "".
  const std::vector<std::string>& cancelled() const { return cancelled_; }
  const std::vector<std::string>& cancel_texts() const { return cancel_texts_; }

  // A message on the stream of the request with that id ("": on a stream of the server's own).
  void say(std::string_view raw_id, std::string_view text) {
    bridge::Message message = make(text);
    listener_->on_message(raw_id, message);
  }
  // The answer to a request: any text, a result, an error.
  void answer_text(std::string_view raw_id, std::string_view text, int status = 200) {
    const bridge::Request request = end(raw_id);
    bridge::Message message = make(text);
    listener_->on_answer(request, message, status);
    if (idle()) listener_->on_idle();
  }
  void answer(std::string_view raw_id, std::string_view raw_result, int status = 200) {
    answer_text(raw_id, rpc::write_result(raw_id, raw_result), status);
  }
  void refuse(std::string_view raw_id, std::string_view raw_error, int status = 200) {
    std::string text = R"({"jsonrpc":"2.0","id":)";
    text.append(raw_id).append(R"(,"error":)").append(raw_error).append("}");
    answer_text(raw_id, text, status);
  }
  void fail(std::string_view raw_id, const bridge::Failure& failure) {
    const bridge::Request request = end(raw_id);
    listener_->on_failure(request, failure);
    if (idle()) listener_->on_idle();
  }

  std::function<void(const bridge::Request&)> on_send;
  bool abandoned = false;
  bool left = false;

 private:
  static bridge::Message make(std::string_view text) {
    const rpc::Scanned scanned = rpc::scan(text);
    if (!scanned) throw std::runtime_error("no message: " + std::string(text));
    bridge::Message message;
    message.owned.append(text);
    message.text = message.owned.view();
    message.envelope = *scanned;
    return message;
  }
  const bridge::Request& request_of(std::string_view raw_id) const {
    const auto at = std::find_if(sent_.rbegin(), sent_.rend(),
                                 [&](const bridge::Request& one) { return one.raw_id == raw_id; });
    if (at == sent_.rend()) throw std::runtime_error("never sent: " + std::string(raw_id));
    return *at;
  }
  bool close(std::string_view raw_id) { return std::erase(open_, std::string(raw_id)) > 0; }
  bridge::Request end(std::string_view raw_id) {
    if (!close(raw_id)) throw std::runtime_error("not under way: " + std::string(raw_id));
    return request_of(raw_id);
  }

  Listener* listener_ = nullptr;
  std::vector<bridge::Request> sent_;
  std::vector<std::string> open_;  // ids
  std::vector<std::string> cancelled_;
  std::vector<std::string> cancel_texts_;
};

}  // namespace dogpipe::fakes
