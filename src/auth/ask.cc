#include "auth/ask.h"

#include <utility>

#include "base/log.h"
#include "http/address.h"
#include "mcp/revision.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kLongestReply = 256u << 10;
constexpr std::chrono::seconds kPatience{30};

http::Request request_to(const http::Url& url, const Trusted& trusted) {
  http::Request request;
  request.url = url.text();
  request.public_only = must_be_public(url, trusted);
  request.patience = {kPatience, kPatience, kPatience, kPatience};
  return request;
}

std::shared_ptr<const http::Headers> headers(std::vector<http::Header> fields) {
  fields.push_back({"User-Agent", "dogpipe/" DOGPIPE_VERSION});
  return std::make_shared<const http::Headers>(std::move(fields));
}

base::Result<TokenAnswer> read_answer(const http::Response& response) {
  if (response.status != 200) {
    const TokenRefusal refusal = read_token_refusal(response.status, response.body);
    base::log(base::LogLevel::info, "token endpoint: HTTP {}, {}", response.status,
              describe(refusal));
    return TokenAnswer(refusal);
  }
  auto reply = read_token_reply(response.body);
  if (!reply) return std::move(reply).error().during("reading the token endpoint's reply");
  return TokenAnswer(std::move(*reply));
}

}  // namespace

http::Request metadata_request(const http::Url& url, const Trusted& trusted) {
  http::Request request = request_to(url, trusted);
  request.headers = headers({{"Accept", "application/json"},
                             {"MCP-Protocol-Version", std::string(mcp::kRevision20251125)}});
  request.compressed = true;
  return request;
}

http::Request mcp_post(const http::Url& endpoint, std::string_view message) {
  http::Request request;
  request.url = endpoint.text();
  request.method = http::Method::post;
  request.headers = headers({{"Accept", "application/json, text/event-stream"},
                             {"Content-Type", "application/json"},
                             {"MCP-Protocol-Version", std::string(mcp::kRevision20251125)}});
  request.body = std::make_shared<const base::Bytes>(message);
  request.patience = {kPatience, kPatience, kPatience, kPatience};
  return request;
}

http::Request json_post(const http::Url& url, std::string_view body, const Trusted& trusted) {
  http::Request request = request_to(url, trusted);
  request.method = http::Method::post;
  request.headers = headers({{"Accept", "application/json"}, {"Content-Type", "application/json"}});
  request.body = std::make_shared<const base::Bytes>(body);
  return request;
}

http::Request form_post(const http::Url& url, const FormRequest& form, const Trusted& trusted) {
  http::Request request = request_to(url, trusted);
  request.method = http::Method::post;
  request.headers = headers(form.fields);
  request.body = std::make_shared<const base::Bytes>(form.body.reveal());
  return request;
}

std::unique_ptr<http::Fetch> ask_token(http::Client& client, http::Request request, OnToken done) {
  return std::make_unique<http::Fetch>(
      client, std::move(request), kLongestReply,
      [done = std::move(done)](base::Result<http::Response> response, bool body_left) {
        if (!response) {
          return done(std::move(response).error().during("asking the token endpoint"), body_left);
        }
        done(read_answer(*response), body_left);
      });
}

}  // namespace dogpipe::auth
