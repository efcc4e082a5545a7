// One libcurl easy handle and what it carries; used by CurlClient alone.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "event/loop.h"
#include "http/client.h"
#include "http/network.h"

namespace dogpipe::http {

struct EasyCleanUp {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct MultiCleanUp {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct ListCleanUp {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanUp>;
using MultiHandle = std::unique_ptr<CURLM, MultiCleanUp>;
using FieldList = std::unique_ptr<curl_slist, ListCleanUp>;

// What all handles of a client share.
struct EasySettings {
  const Network& network;
  const TrustSource& trust;
  const bool& held;  // Client::hold(): time limits stand still
  // Called when libcurl gives up a socket, possibly long after the transfer that opened it.
  curl_closesocket_callback on_close;
  void* on_close_data;
};

// A handle, used for one request after the other: options that stay are set once.
class Easy {
 public:
  Easy(event::Loop& loop, const EasySettings& settings);
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;

  // Sets everything up for `request`; then the owner adds the handle to its multi handle.
  void prepare(Request request, Receiver& receiver);
  // Forgets request and receiver. The handle must have been removed from the multi handle.
  void release();

  CURL* handle() const { return easy_.get(); }
  const Request& request() const { return request_; }
  // From now on nothing is reported.
  void detach() { receiver_ = nullptr; }
  // Goes on with what was not taken while the client was held.
  void resume();
  Receiver* receiver() const { return receiver_; }
  // The client was held for so long, and is not any more: that time does not count.
  void forgive(base::Duration held);
  bool body_left() const;
  bool used_http2() const;
  // libcurl's outcome as the owner is to report it.
  End end(CURLcode code) const;
  // The certificate was not trusted: its issuer is worth finding out.
  bool distrusted(CURLcode code) const;

  // Called when a time limit has passed; the owner must end the transfer with
  // end(OPERATION_TIMEDOUT).
  std::function<void()> on_impatient;

  static Easy& of(CURL* handle);

 private:
  void set_common(const EasySettings& settings);
  void set_method(Method method);
  void set_headers();
  void take_head_line(std::string_view line);
  std::size_t take_data(std::string_view piece);
  bool begin_to_send();
  bool may_connect_to(const sockaddr& address);
  bool is_proxied() const;
  long bytes_sent() const;
  bool is_bomb() const;
  void start_patience();
  void look_at_patience();

  EasyHandle easy_;
  const Network& network_;
  const bool& held_;
  event::Loop& loop_;
  event::Timer patience_;
  Request request_;
  Receiver* receiver_ = nullptr;
  std::optional<Method> method_;  // that the handle is set to
  std::shared_ptr<const Headers> headers_in_use_;
  std::string url_in_use_;
  bool compressed_in_use_ = false;
  ResponseHead head_;
  bool head_done_ = false;
  bool event_stream_ = false;
  bool paused_ = false;                 // libcurl keeps a piece for us
  std::optional<base::Error> refusal_;  // why we ended it ourselves
  bool not_public_ = false;             // an address was passed over that is not
  std::optional<long> bytes_before_;    // had left when the request itself began to
  std::uint64_t received_bytes_ = 0;    // decoded
  base::Time begun_;
  base::Time last_activity_;
  char curl_says_[CURL_ERROR_SIZE] = {};
};

}  // namespace dogpipe::http
