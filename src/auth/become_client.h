// Becoming a client of an authorization server: given by the user, by a metadata document, known
// from an earlier registration, or registered now (MCP authorization, "Client Registration
// Approaches").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/client_identity.h"
#include "auth/find_server.h"
#include "auth/sign_in.h"
#include "base/result.h"
#include "event/loop.h"
#include "http/fetch.h"

namespace dogpipe::auth {

// Owning is asking.
class BecomeClient {
 public:
  using Done = std::function<void(base::Result<ClientIdentity>)>;

  struct Need {
    std::string redirect_uri;  // empty: none is needed
    std::string scope;
    bool anew = false;    // the server has forgotten what we registered before
    bool device = false;  // for the device authorization grant, which is a grant type of its own
  };

  // All references must outlive it. `done` is called once, on a turn of its own, last.
  BecomeClient(const SignInContext& context, const SignInRequest& request, const FoundServer& found,
               Need need, Done done);
  BecomeClient(const BecomeClient&) = delete;
  BecomeClient& operator=(const BecomeClient&) = delete;

 private:
  base::Result<std::optional<ClientIdentity>> without_asking();
  base::Result<void> check_issuer_of_given() const;
  base::Result<void> ask();
  void read(base::Result<http::Response> response);
  void finish(base::Result<ClientIdentity> client);

  const SignInContext& context_;
  const SignInRequest& request_;
  const FoundServer& found_;
  Need need_;
  Done done_;
  ClientAuth auth_ = ClientAuth::none;
  std::optional<base::Result<ClientIdentity>> known_;
  event::Deferred tell_;
  std::unique_ptr<http::Fetch> fetch_;
};

// The port of the redirect URI that a client was registered with at that issuer; 0 if none was.
std::uint16_t registered_port(const Stored& stored, const std::string& issuer);

}  // namespace dogpipe::auth
