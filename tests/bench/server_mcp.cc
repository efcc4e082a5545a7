#include "server_mcp.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "payload.h"

namespace bench {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEventStream = "text/event-stream";
constexpr int kServerError = -32000;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr std::size_t kMostBulkBytes = std::size_t{256} << 20;
constexpr std::uint64_t kMostProgress = 10'000'000;
constexpr std::uint64_t kMostDelayMs = 60'000;

constexpr std::string_view kTools =
    R"("tools":[{"name":"work","description":"Answers as its arguments ask.",)"
    R"("inputSchema":{"type":"object","properties":{"text":{"type":"string"},)"
    R"("bytes":{"type":"integer"},"delay_ms":{"type":"integer"},"progress":{"type":"integer"},)"
    R"("sse":{"type":"boolean"}}},"annotations":{"readOnlyHint":true}}])";
constexpr std::string_view kDiscovered =
    R"("supportedVersions":["2026-07-28"],"capabilities":{"tools":{}})";
constexpr std::string_view kRevision = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")";
// Of results that could be kept for a while: these may not.
constexpr std::string_view kStale = R"("resultType":"complete","ttlMs":0,"cacheScope":"private")";

// What follows `"name":`, or nothing. Blanks after the colon are passed over.
std::string_view after(std::string_view body, std::string_view quoted_name) {
  const auto at = body.find(quoted_name);
  if (at == std::string_view::npos) return {};
  body.remove_prefix(at + quoted_name.size());
  body.remove_prefix(std::min(body.find_first_not_of(" :"), body.size()));
  return body;
}

std::string_view string_field(std::string_view body, std::string_view quoted_name) {
  auto rest = after(body, quoted_name);
  if (rest.empty() || rest.front() != '"') return {};
  rest.remove_prefix(1);
  return rest.substr(0, rest.find('"'));
}

std::uint64_t number_field(std::string_view body, std::string_view quoted_name) {
  const auto rest = after(body, quoted_name);
  std::uint64_t value = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return value;
}

std::string_view id_token(std::string_view body) {
  const auto rest = after(body, R"("id")");
  if (rest.empty()) return {};
  if (rest.front() == '"') return rest.substr(0, rest.find('"', 1) + 1);
  return rest.substr(0, rest.find_first_of(",} "));
}

std::string object(std::initializer_list<std::string_view> parts) {
  std::string out{"{"};
  for (const auto part : parts) out.append(part);
  return out.append("}");
}

std::string result_open(std::string_view id) {
  std::string out;
  out.reserve(512);
  out.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)");
  return out;
}

HttpReply json_result(std::string_view id, std::string_view result) {
  HttpReply reply;
  reply.content_type = kJson;
  reply.head = result_open(id).append(result).append("}");
  return reply;
}

HttpReply refusal(int status, std::string_view id, int code, std::string_view text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = kJson;
  reply.head.append(R"({"jsonrpc":"2.0","id":)").append(id);
  reply.head.append(R"(,"error":{"code":)").append(std::to_string(code));
  reply.head.append(R"(,"message":")").append(text).append("\"}}");
  return reply;
}

HttpReply bare(int status) {
  HttpReply reply;
  reply.status = status;
  return reply;
}

}  // namespace

HttpReply McpServer::answer(const HttpRequest& request) {
  if (request.path == "/stats") return stats();
  ++requests_;
  if (request.path == path_of(Era::modern)) return answer_modern(request);
  if (request.path != path_of(Era::legacy)) return bare(404);
  if (request.method == "POST") return answer_legacy(request);
  if (request.method == "GET") return answer_get(request);
  return bare(request.method == "DELETE" ? 200 : 405);
}

HttpReply McpServer::stats() const {
  HttpReply reply;
  reply.content_type = kJson;
  reply.head = R"({"requests":)" + std::to_string(requests_) + R"(,"at_opening":)" +
               std::to_string(requests_at_opening_) + "}";
  return reply;
}

HttpReply McpServer::answer_get(const HttpRequest& request) const {
  if (!offers_get_stream_) return bare(405);
  if (request.session.empty()) return refusal(400, "null", kServerError, "no session");
  HttpReply reply;
  reply.content_type = kEventStream;
  reply.stays_open = true;
  return reply;
}

HttpReply McpServer::answer_legacy(const HttpRequest& request) {
  const auto method = string_field(request.body, R"("method")");
  const auto id = id_token(request.body);
  if (method == "initialize") return answer_initialize(id);
  if (request.session.empty()) return refusal(400, "null", kServerError, "no session");
  // A notification, or the answer to a request that this server never made.
  if (id.empty() || method.empty()) return bare(202);
  if (method == "tools/call") return answer_call(id, request.body, Era::legacy);
  if (method == "tools/list") return json_result(id, object({kTools}));
  if (method == "ping") return json_result(id, "{}");
  return refusal(200, id, kServerError, "no such method");
}

HttpReply McpServer::answer_modern(const HttpRequest& request) {
  if (request.method != "POST") return bare(405);
  const auto method = string_field(request.body, R"("method")");
  const auto id = id_token(request.body);
  if (id.empty() || method.empty()) return bare(202);
  if (request.body.find(kRevision) == std::string_view::npos) {
    return refusal(400, id, kInvalidParams, "no claim");
  }
  if (method == "tools/call") return answer_call(id, request.body, Era::modern);
  if (method == "tools/list") {
    requests_at_opening_ = requests_;
    return json_result(id, object({kTools, ",", kStale}));
  }
  if (method == "server/discover") return json_result(id, object({kDiscovered, ",", kStale}));
  return refusal(404, id, kMethodNotFound, "no such method");
}

// The count is taken here and not by the driver, which could only ask when it has the answer: a
// bridge that sends more behind it, as it should, must not be charged for that.
HttpReply McpServer::answer_initialize(std::string_view id) {
  requests_at_opening_ = requests_;
  auto reply = json_result(id, R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}},)"
                               R"("serverInfo":{"name":"bench-server","version":"1.0.0"}})");
  reply.session = "bench-session-" + std::to_string(++sessions_);
  return reply;
}

HttpReply McpServer::answer_call(std::string_view id, std::string_view body, Era era) {
  const auto bytes = std::min<std::size_t>(number_field(body, R"("bytes")"), kMostBulkBytes);
  const auto events = std::min(number_field(body, R"("progress")"), kMostProgress);
  const bool as_events = events > 0 || after(body, R"("sse")").starts_with("true");

  HttpReply reply;
  reply.content_type = as_events ? kEventStream : kJson;
  reply.delay =
      std::chrono::milliseconds{std::min(number_field(body, R"("delay_ms")"), kMostDelayMs)};
  auto open = result_open(id).append(R"({"content":[{"type":"text","text":")");
  if (as_events) open.insert(0, "event: message\ndata: ");
  const auto close = result_close(era);
  if (events > 0) {
    reply.bulk = progress(string_field(body, R"("progressToken")"), events);
    reply.tail = std::move(open);
    reply.tail.append("done").append(close);
  } else if (bytes > 0) {
    reply.head = std::move(open);
    reply.bulk = bulk(bytes);
    reply.tail = close;
  } else {
    reply.head = std::move(open);
    reply.head.append(echo_text(string_field(body, R"("text")"))).append(close);
  }
  if (as_events) (bytes > 0 || events > 0 ? reply.tail : reply.head).append("\n\n");
  return reply;
}

std::shared_ptr<const std::string> McpServer::bulk(std::size_t bytes) {
  auto& text = bulk_[bytes];
  if (!text) text = std::make_shared<const std::string>(bulk_text(bytes));
  return text;
}

std::shared_ptr<const std::string> McpServer::progress(std::string_view token,
                                                       std::uint64_t count) {
  auto key = std::string{token} + '/' + std::to_string(count);
  if (key != progress_key_) {
    progress_ = std::make_shared<const std::string>(progress_events(token, count));
    progress_key_ = std::move(key);
  }
  return progress_;
}

}  // namespace bench
