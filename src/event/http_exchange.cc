#include "event/http_exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace dogpipe::event {

HttpExchange::HttpExchange(HttpCarrier& by, std::string_view target) : carrier(by) {
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
}

HttpExchange::~HttpExchange() {
  HttpAnswer::Hold* left = hold;
  disown();
  if (left == nullptr) return;
  left->gone = true;
  left->tell.schedule();
}

void HttpExchange::suspend() {
  suspended = true;
  carrier.suspend();
}

void HttpExchange::resume() {
  if (std::exchange(suspended, false)) carrier.resume();
}

void HttpExchange::cut() {
  cutting = true;
  if (stage == Stage::replying) carrier.shut();
  resume();
}

void HttpExchange::disown() {
  if (hold != nullptr) hold->exchange = nullptr;
  hold = nullptr;
}

ssize_t HttpExchange::read(char* into, std::size_t room) {
  const std::size_t left = out.size() - sent;
  if (left == 0) {
    if (cutting) return kCut;
    if (ended) return kEnd;
    suspend();
    return kLater;
  }
  const std::size_t some = std::min(left, room);
  std::memcpy(into, out.data() + sent, some);
  sent += some;
  if (sent == out.size()) {
    sent = 0;
    if (out.size() > (1u << 20)) out = base::Bytes();
    out.clear();
  }
  return static_cast<ssize_t>(some);
}

HttpAnswer::Hold::Hold(Loop& loop, HttpExchange& whose)
    : exchange(&whose), tell(loop, [this] {
        if (told) std::exchange(told, nullptr)();
      }) {
  exchange->hold = this;
}

HttpAnswer::Hold::~Hold() {
  if (exchange == nullptr) return;
  exchange->hold = nullptr;
  exchange->cut();
}

HttpAnswer::HttpAnswer() = default;
HttpAnswer::HttpAnswer(std::unique_ptr<Hold> hold) : hold_(std::move(hold)) {}
HttpAnswer::HttpAnswer(HttpAnswer&&) noexcept = default;
HttpAnswer& HttpAnswer::operator=(HttpAnswer&&) noexcept = default;
HttpAnswer::~HttpAnswer() = default;

bool HttpAnswer::open() const { return hold_ && hold_->exchange != nullptr; }

void HttpAnswer::respond(HttpReply reply, std::function<void()> sent) {
  if (!open() || hold_->exchange->stage != HttpExchange::Stage::asked) return;
  HttpExchange& exchange = *hold_->exchange;
  exchange.disown();
  exchange.reply = std::move(reply);
  exchange.sent_all = std::move(sent);
  if (exchange.reply.promised_bytes) {
    exchange.out.append(exchange.reply.body);
    exchange.cutting = true;
  }
  exchange.stage = HttpExchange::Stage::replying;
  exchange.resume();
}

void HttpAnswer::start_stream(int status, HttpFields fields) {
  if (!open() || hold_->exchange->stage != HttpExchange::Stage::asked) return;
  HttpExchange& exchange = *hold_->exchange;
  exchange.reply.status = status;
  exchange.reply.fields = std::move(fields);
  exchange.stage = HttpExchange::Stage::streaming;
  exchange.resume();
}

void HttpAnswer::write(std::string_view bytes) {
  if (!open() || hold_->exchange->stage != HttpExchange::Stage::streaming || bytes.empty()) return;
  hold_->exchange->out.append(bytes);
  hold_->exchange->resume();
}

void HttpAnswer::end() {
  if (!open() || hold_->exchange->stage != HttpExchange::Stage::streaming) return;
  HttpExchange& exchange = *hold_->exchange;
  exchange.disown();
  exchange.ended = true;
  exchange.resume();
}

std::size_t HttpAnswer::queued_bytes() const {
  return open() ? hold_->exchange->out.size() - hold_->exchange->sent : 0;
}

void HttpAnswer::abort() { hold_.reset(); }

void HttpAnswer::reset() {
  if (open()) hold_->exchange->carrier.reset();
  hold_.reset();
}

void HttpAnswer::on_gone(std::function<void()> told) {
  if (!hold_) return;
  hold_->told = std::move(told);
  if (hold_->gone) hold_->tell.schedule();
}

}  // namespace dogpipe::event
