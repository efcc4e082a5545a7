// The Client on libcurl's multi interface, driven by the loop (multi_socket).
#pragma once

#include <memory>

#include "base/result.h"
#include "http/client.h"
#include "http/network.h"

namespace dogpipe::event {
class UvLoop;
}

namespace dogpipe::http {

// HTTP/2 where the server offers it, one connection for everything; else a pool of HTTP/1.1
// connections. Follows no redirect, keeps no cookies, reads no .netrc. Must be destroyed after all
// of its transfers.
class CurlClient final : public Client {
 public:
  CurlClient(event::UvLoop& loop, Network network);
  ~CurlClient() override;

  std::unique_ptr<Transfer> send(Request request, Receiver& receiver) override;
  void hold() override;
  void release() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::http
