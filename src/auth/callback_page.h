// What the loopback listener answers. Pure, and nothing of a request is ever in it.
#pragma once

#include <string>

#include "auth/callback.h"
#include "event/http_message.h"

namespace dogpipe::auth {

// The page at the end.
event::HttpReply result_reply(const ResultPage& page);
// To where it stands.
event::HttpReply redirect_reply(const std::string& path);
// 400, 404, 405 or 500.
event::HttpReply refusal_reply(int status);

}  // namespace dogpipe::auth
