#include "cli/whoami.h"

#include <chrono>
#include <utility>

#include "auth/static_credential.h"
#include "bridge/conversation.h"
#include "json/reader.h"

namespace dogpipe::cli {
namespace {

using base::Result;

constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kLongestAnswer = 1u << 20;

auth::StaticSecrets secrets_of(const auth::Grant& grant) {
  auth::StaticSecrets secrets;
  secrets.token = grant.access_token;
  return secrets;
}

bridge::Endpoint endpoint_of(const Options& options) {
  bridge::Endpoint endpoint;
  endpoint.url = options.url.text();
  endpoint.fields = options.fields;
  endpoint.patience = {kPatience, kPatience, kPatience, kPatience};
  endpoint.longest_message = kLongestAnswer;
  return endpoint;
}

}  // namespace

Result<Identity> read_identity(std::string_view raw_result) {
  const auto result = json::read(raw_result);
  if (!result) return result.error();
  const auto text = result->root()["contents"][0]["text"].as_string();
  if (!text) return text.error();
  const auto person = json::read(*text);
  if (!person) return person.error();
  const json::Value root = person->root();
  Identity identity;
  identity.user = root["user_email"].text_or("");
  identity.organization = root["org_uuid"].text_or("");
  identity.organization_name = root["org_name"].text_or(root["organization_name"].text_or(""));
  identity.site = root["dd_site"].text_or("");
  return identity;
}

struct Whoami::State {
  State(event::Loop& loop, http::Client& client, const Options& options, const auth::Grant& grant,
        std::function<void(Result<Identity>)> on_done)
      : credential(secrets_of(grant)),
        done(std::move(on_done)),
        patience(loop,
                 [this] {
                   finish(base::Error{base::Kind::timed_out, "the server does not say who it is"});
                 }),
        conversation(std::make_unique<bridge::Conversation>(
            loop, client, credential, endpoint_of(options), "resources/read",
            R"({"uri":"datadog://mcp/whoami"})", [this](Result<std::string> raw) {
              if (!raw) return finish(std::move(raw).error());
              finish(read_identity(*raw));
            })) {
    patience.start(kPatience);
  }

  void finish(Result<Identity> identity) {
    patience.stop();
    const auto ended = std::move(conversation);
    const auto told = std::move(done);
    told(std::move(identity));
  }

  auth::StaticCredential credential;
  std::function<void(Result<Identity>)> done;
  event::Timer patience;
  std::unique_ptr<bridge::Conversation> conversation;
};

Whoami::Whoami(event::Loop& loop, http::Client& client, const Options& options,
               const auth::Grant& grant, std::function<void(Result<Identity>)> done)
    : state_(std::make_unique<State>(loop, client, options, grant, std::move(done))) {}

Whoami::~Whoami() = default;

}  // namespace dogpipe::cli
