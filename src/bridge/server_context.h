// What it takes to talk to the server, in whichever era.
#pragma once

#include "auth/authorizer.h"
#include "bridge/replay.h"
#include "bridge/upstream.h"
#include "event/loop.h"
#include "http/client.h"

namespace dogpipe::bridge {

// The references outlive all that is made with it.
struct ServerContext {
  event::Loop& loop;
  http::Client& client;
  auth::Authorizer& authorizer;
  RetryBudget& budget;
  Endpoint endpoint;
  bool trust_hints = false;  // this server's word on its tools counts: see replay.h
};

}  // namespace dogpipe::bridge
