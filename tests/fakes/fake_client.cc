#include "fakes/fake_client.h"

#include <utility>

namespace dogpipe::fakes {

class FakeTransfer final : public http::Transfer {
 public:
  FakeTransfer(FakeClient& client, std::shared_ptr<FakeRequest> request)
      : client_(client), request_(std::move(request)) {}
  ~FakeTransfer() override {
    if (request_->drop() && client_.on_cancel) client_.on_cancel(*request_);
  }

  bool body_left() const override { return request_->body_left; }

 private:
  FakeClient& client_;
  std::shared_ptr<FakeRequest> request_;
};

std::string FakeRequest::field(std::string_view name) const {
  for (const http::Header& field : request_.headers->fields()) {
    if (field.name == name) return field.value;
  }
  return {};
}

void FakeRequest::head(int status, std::string_view media_type,
                       const std::vector<http::Header>& fields) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " \r\n";
  if (!media_type.empty()) text += "Content-Type: " + std::string(media_type) + "\r\n";
  for (const http::Header& field : fields) text += field.name + ": " + field.value + "\r\n";
  add({Step::What::head, std::move(text)});
}

void FakeRequest::data(std::string_view piece) { add({Step::What::data, std::string(piece)}); }

void FakeRequest::end() { add({Step::What::end, {}, {std::nullopt, true}}); }

void FakeRequest::fail(base::Kind kind, bool left) {
  add({Step::What::end, {}, {base::Error{kind, "the test says so"}, left}});
}

void FakeRequest::answer(int status, std::string_view media_type, std::string_view body,
                         const std::vector<http::Header>& fields) {
  head(status, media_type, fields);
  if (!body.empty()) data(body);
  end();
}

void FakeRequest::add(Step step) {
  steps_.push_back(std::move(step));
  if (!playing_) play();
}

void FakeRequest::play() {
  playing_ = true;
  while (receiver_ != nullptr && !client_.held() && !steps_.empty()) play_one();
  playing_ = false;
}

void FakeRequest::play_one() {
  const Step step = std::move(steps_.front());
  steps_.pop_front();
  if (step.what == Step::What::head) {
    http::ResponseHead head;
    for (std::string_view rest = step.text; !rest.empty();) {
      const std::size_t end = rest.find('\n') + 1;
      head.add_line(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    return receiver_->on_head(head);
  }
  if (step.what == Step::What::end) {
    ended_ = true;
    return std::exchange(receiver_, nullptr)->on_end(step.end);
  }
  if (receiver_->on_data(step.text) == http::Receiver::Flow::more) return;
  steps_.clear();
  if (receiver_ != nullptr) fail(base::Kind::cut);
}

bool FakeRequest::drop() {
  cancelled_ = std::exchange(receiver_, nullptr) != nullptr;
  return cancelled_;
}

std::unique_ptr<http::Transfer> FakeClient::send(http::Request request, http::Receiver& receiver) {
  requests_.push_back(std::make_shared<FakeRequest>(*this, std::move(request), receiver));
  const auto sent = requests_.back();
  if (on_send) on_send(*sent);
  return std::make_unique<FakeTransfer>(*this, sent);
}

void FakeClient::release() {
  held_ = false;
  for (std::size_t i = 0; i < requests_.size() && !held_; ++i) {
    const auto request = requests_[i];
    if (!request->playing_) request->play();
  }
}

}  // namespace dogpipe::fakes
