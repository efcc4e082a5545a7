// The authorization endpoint (RFC 6749 section 4.1) and the pages on which the user agrees.
//
// As on Datadog's: an unknown client, a redirect URI on another host and missing PKCE end on an
// error page and never return to the client; everything later does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "event/http_message.h"
#include "sandbox/context.h"
#include "sandbox/form.h"
#include "sandbox/oauth_clients.h"
#include "sandbox/oauth_tokens.h"

namespace dogpipe::sandbox {

// Whether a redirect URI is let through, by its host alone: loopback, claude.ai, app.datadoghq.com.
bool redirect_allowed(std::string_view uri);

// What is to be granted for the scope asked for, or why nothing is. Pure.
struct ScopeVerdict {
  std::string granted;
  std::string complaint;  // empty: granted
};
ScopeVerdict judge_scope(const Form& form, const OAuthQuirks& quirks);

class Authorize {
 public:
  Authorize(Context& context, Clients& clients, TokenTable& tokens)
      : context_(context), clients_(clients), tokens_(tokens) {}

  // GET of the endpoint.
  event::HttpReply open(const Form& form);
  // GET of a link on the consent page.
  event::HttpReply consent(const Form& form);

 private:
  struct Request {
    TokenTable::CodeTerms terms;
    std::string state;
    bool has_state = false;
  };

  event::HttpReply error_page(std::string_view description) const;
  event::HttpReply send_back(const Request& request, Form form) const;
  event::HttpReply refuse(const Request& request, std::string_view error,
                          std::string_view description) const;
  event::HttpReply go_on(Request request, const Form& form);
  event::HttpReply consent_page(Request request, const Organization* chosen);
  event::HttpReply grant(Request request, const Organization& organization);

  Context& context_;
  Clients& clients_;
  TokenTable& tokens_;
  std::map<std::string, Request, std::less<>> waiting_;  // by ticket
};

}  // namespace dogpipe::sandbox
