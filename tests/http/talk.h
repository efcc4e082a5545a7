// A client with its loop, and what a test sees of one transfer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "event/loop.h"
#include "event/uv_loop.h"
#include "http/client.h"
#include "http/curl_client.h"

namespace dogpipe::http {

// Takes what a transfer reports; stops the loop at its end.
class Recorder final : public Receiver {
 public:
  explicit Recorder(event::UvLoop& loop) : loop_(loop) {}

  void on_head(const ResponseHead& head) override {
    ++heads;
    status = head.status();
    media_type = head.media_type();
    if (at_head) at_head();
  }
  Flow on_data(std::string_view piece) override {
    const Flow flow = at_data ? at_data(piece) : Flow::more;
    if (flow == Flow::more) body += piece;
    return flow;
  }
  void on_end(const End& reported) override {
    ++ends;
    end = reported;
    if (at_end) at_end();
    loop_.stop();
  }

  // The end in short: "200 ok", "0 cut, left".
  std::string outcome() const {
    std::string out = std::to_string(status) + ' ';
    out += end.error ? name_of(end.error->kind) : "ok";
    if (end.error && end.body_left) out += ", left";
    return out;
  }

  int heads = 0;
  int ends = 0;
  int status = 0;
  std::string media_type;
  std::string body;
  End end;
  std::function<void()> at_head;
  std::function<Flow(std::string_view)> at_data;
  std::function<void()> at_end;

 private:
  static std::string_view name_of(base::Kind kind) {
    switch (kind) {
      case base::Kind::usage:
        return "usage";
      case base::Kind::malformed:
        return "malformed";
      case base::Kind::too_large:
        return "too large";
      case base::Kind::timed_out:
        return "timed out";
      case base::Kind::unreachable:
        return "unreachable";
      case base::Kind::tls:
        return "tls";
      case base::Kind::untrusted:
        return "untrusted";
      case base::Kind::proxy:
        return "proxy";
      case base::Kind::forbidden:
        return "forbidden";
      case base::Kind::cut:
        return "cut";
      case base::Kind::denied:
      case base::Kind::file:
      case base::Kind::cancelled:
        break;
    }
    return "something else";
  }

  event::UvLoop& loop_;
};

struct Talk {
  explicit Talk(Network network = plain()) : client(loop, std::move(network)), seen(loop) {}

  static Network plain() {
    Network network;
    network.allow_http = true;
    network.http1_only = true;
    network.trust.bundle = "/dev/null";  // not the system's
    return network;
  }

  void post(const std::string& url, std::string_view body = "{}", bool may_resend = false,
            const Patience& patience = {}) {
    Request request;
    request.method = Method::post;
    request.url = url;
    request.headers = headers;
    request.body = std::make_shared<const base::Bytes>(body);
    request.may_resend = may_resend;
    request.compressed = true;
    request.patience = patience;
    send(std::move(request));
  }
  void get(const std::string& url, Method method = Method::get) {
    Request request;
    request.method = method;
    request.url = url;
    request.headers = headers;
    send(std::move(request));
  }
  void send(Request request) {
    transfer.reset();
    transfer = client.send(std::move(request), seen);
  }

  // Until the transfer has ended, at most 20 s. Returns the outcome.
  std::string run() {
    bool too_long = false;
    event::Timer limit(loop, [&] {
      too_long = true;
      loop.stop();
    });
    limit.start(std::chrono::seconds(20));
    loop.run();
    return too_long ? "nothing in 20 s" : seen.outcome();
  }
  // Lets the loop go on for so long, whatever happens.
  void linger(std::chrono::milliseconds time) {
    event::Timer end(loop, [&] { loop.stop(); });
    end.start(time);
    loop.run();
  }

  event::UvLoop loop;
  CurlClient client;
  Recorder seen;
  std::shared_ptr<const Headers> headers = std::make_shared<const Headers>(std::vector<Header>{
      {"Content-Type", "application/json"}, {"X-Test", "yes"}, {"X-Empty", ""}});
  std::unique_ptr<Transfer> transfer;
};

}  // namespace dogpipe::http
