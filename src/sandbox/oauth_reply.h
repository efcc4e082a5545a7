// Replies of the authorization server.
#pragma once

#include <string>
#include <string_view>

#include "event/http_message.h"
#include "sandbox/oauth_tokens.h"

namespace dogpipe::sandbox {

// Never to be stored (RFC 6749 section 5.1).
event::HttpReply json_reply(int status, std::string body);
// {"error": ..., "error_description": ...}
event::HttpReply denial_reply(const Denial& denial);
event::HttpReply page(int status, std::string_view title, std::string_view body_html);
event::HttpReply redirect(std::string_view url);
event::HttpReply wrong_method(std::string_view allowed);

// For text in a page, attributes included.
std::string escaped(std::string_view text);

}  // namespace dogpipe::sandbox
