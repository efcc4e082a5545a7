// A Client that keeps the requests it is given; the test plays the responses.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace dogpipe::fakes {

// As it stands in a request line.
inline std::string_view method_name(http::Method method) {
  switch (method) {
    case http::Method::get:
      return "GET";
    case http::Method::post:
      return "POST";
    case http::Method::del:
      return "DELETE";
  }
  return "";
}

class FakeClient;

// One request and the response that the test plays to it. What comes while the client is held waits
// for its release, as with the real client.
class FakeRequest {
 public:
  FakeRequest(const FakeClient& client, http::Request request, http::Receiver& receiver)
      : client_(client), request_(std::move(request)), receiver_(&receiver) {}

  const http::Request& request() const { return request_; }
  std::string_view body() const { return request_.body ? request_.body->view() : ""; }
  // The value of the request's field of that name, or empty.
  std::string field(std::string_view name) const;

  void head(int status, std::string_view media_type, const std::vector<http::Header>& fields = {});
  void data(std::string_view piece);
  void end();
  void fail(base::Kind kind, bool left = true);
  // All three at once.
  void answer(int status, std::string_view media_type, std::string_view body,
              const std::vector<http::Header>& fields = {});

  // What the transfer says of the request: it has left, until the test says otherwise.
  bool body_left = true;
  // The receiver has let go before the end.
  bool cancelled() const { return cancelled_; }
  bool ended() const { return ended_; }
  bool live() const { return receiver_ != nullptr; }

 private:
  friend class FakeClient;
  friend class FakeTransfer;

  struct Step {
    enum class What { head, data, end } what;
    std::string text;
    http::End end = {};
  };

  void add(Step step);
  void play();
  void play_one();
  bool drop();

  const FakeClient& client_;
  http::Request request_;
  http::Receiver* receiver_;
  std::deque<Step> steps_;
  bool playing_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
};

class FakeClient final : public http::Client {
 public:
  std::unique_ptr<http::Transfer> send(http::Request request, http::Receiver& receiver) override;
  void hold() override { held_ = true; }
  void release() override;

  bool held() const { return held_; }
  std::size_t count() const { return requests_.size(); }
  FakeRequest& at(std::size_t index) { return *requests_.at(index); }

  std::function<void(FakeRequest&)> on_send;
  std::function<void(FakeRequest&)> on_cancel;

 private:
  std::vector<std::shared_ptr<FakeRequest>> requests_;
  bool held_ = false;
};

}  // namespace dogpipe::fakes
