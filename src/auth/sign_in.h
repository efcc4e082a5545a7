// Getting a grant: START HERE to read how a sign-in goes. Each step is a class or a function of
// this room: find_server.h -> become_client.h -> login.h (a browser), device_login.h (another
// device) or service_login.h (no user at all).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "auth/challenge.h"
#include "auth/find_server.h"
#include "auth/grant.h"
#include "auth/registration.h"
#include "auth/token_store.h"
#include "auth/url_policy.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "event/process.h"
#include "http/client.h"
#include "http/fetch.h"

namespace dogpipe::event {
class UvLoop;
}

namespace dogpipe::auth {

enum class SignInMethod : std::uint8_t {
  browser,             // authorization code with PKCE (RFC 6749 4.1, RFC 7636, RFC 8252)
  device,              // RFC 8628
  client_credentials,  // RFC 6749 4.4: a service, no user
};

struct SignInRequest {
  std::string profile;
  Trusted trusted;  // the MCP server is in it
  SignInMethod method = SignInMethod::browser;
  ClientSettings client;
  std::string scope;               // the user's choice; may be empty
  Challenge challenge;             // of the refusal that led here; may be empty
  bool ask_for_challenge = false;  // nothing was refused yet: ask the server first
  std::string scope_before;        // asked for earlier and to be kept (step-up)
                             // Fingerprint (auth/refresh.h) of the access token that will not do,
                             // empty if there is none: should
  // the store have another one by now, that is the answer. None: sign in in any case.
  std::optional<std::string> stale;
  std::string organization;  // UUID that the user must choose; may be empty
  std::string site;          // that the user must choose: "us3.datadoghq.com"; may be empty
  std::string redirect_uri;  // the user's; else one on a port of our choice
  bool open_browser = true;
  base::Duration patience = std::chrono::minutes(10);
};

// What a sign-in needs. All outlive it.
struct SignInContext {
  event::UvLoop& loop;
  http::Client& client;
  crypto::Random& random;
  event::Spawner& spawner;
  TokenStore& store;
};

struct SignInEvents {
  // The user has to go there, or is being led there.
  std::function<void(const std::string& url)> on_url;
  // A browser has been opened, or none can be.
  std::function<void(bool opened)> on_browser;
  // Instead of both, for a device: the page, the code to type there, and a page that knows the code
  // (may be empty).
  std::function<void(const std::string& page, const std::string& code, const std::string& complete)>
      on_device;
};

// Owning is signing in.
class SignIn {
 public:
  // The grant is not stored yet. Errors: Kind::denied when the user or the authorization server has
  // said no, Kind::timed_out when nobody came, Kind::unreachable and its kin, Kind::untrusted and
  // Kind::malformed for servers that will not do, Kind::usage for settings that will not.
  using Done = std::function<void(base::Result<Grant>)>;
  // One of the ways, at work.
  class Method {
   public:
    virtual ~Method() = default;
    // For a browser that cannot reach us: the URL that it was sent to, or its query. Errors:
    // Kind::malformed when it is not an answer to our request; the wait goes on.
    virtual base::Result<void> paste(std::string_view url);
    // The user has decided, and the outcome is a matter of moments.
    virtual bool is_deciding() const { return false; }
    // Calls `over`, on a turn of its own, when the browser has fetched the page with the outcome,
    // or has had the time to; false if there is no page.
    virtual bool linger(const std::function<void()>& over);
  };

  // `done` is called once, on a turn of its own, last; it may destroy the SignIn.
  SignIn(const SignInContext& context, SignInRequest request, SignInEvents events, Done done);
  SignIn(const SignIn&) = delete;
  SignIn& operator=(const SignIn&) = delete;
  ~SignIn();

  base::Result<void> paste(std::string_view url);
  // After `done`: see Method::linger().
  bool linger(const std::function<void()>& over);

 private:
  void knock();
  void find();
  void on_found(base::Result<FoundServer> found);
  std::optional<ServerMetadata> known_server() const;
  base::Result<void> check_guess() const;
  void finish(base::Result<Grant> grant);
  void give_up();

  const SignInContext& context_;
  SignInRequest request_;
  const SignInEvents events_;
  Done done_;
  event::Timer patience_;
  std::unique_ptr<http::Fetch> knock_;
  std::unique_ptr<FindServer> find_;
  FoundServer found_;
  std::unique_ptr<Method> method_;
};

// What tokens are for: the MCP server's URL without its query.
std::string endpoint_of(const Trusted& trusted);

// What the store has for the request's profile and server now; none also if it cannot be read.
std::optional<Grant> stored_grant(TokenStore& store, const SignInRequest& request);

// What the ways have in common.
std::string scope_for(const SignInRequest& request, const FoundServer& found);
Grant make_grant(const SignInRequest& request, const FoundServer& found,
                 const ClientIdentity& client, const std::string& scope, TokenReply reply);
// The tokens of a reply, put into a grant that had others.
void renew(Grant& grant, TokenReply reply);
// The error that a token endpoint's refusal is.
base::Error no_token(TokenRefusal refusal);
// For private_key: the signed JWT; else empty.
base::Result<base::Secret> assertion_for(const ClientSettings& settings,
                                         const ClientIdentity& client, const ServerMetadata& server,
                                         crypto::Random& random);

}  // namespace dogpipe::auth
