#include "auth/device_reply.h"

#include <optional>
#include <utility>

#include "auth/reply.h"

namespace dogpipe::auth {
namespace {

using std::chrono::seconds;

constexpr seconds kShortestLife{60}, kLongestLife{30 * 60};
constexpr seconds kShortestInterval{1}, kLongestInterval{60};
constexpr std::size_t kLongestUserCode = 64;
constexpr std::size_t kLongestText = 4096;

base::Result<DeviceReply> read_codes(const json::Value& root) {
  DeviceReply reply;
  reply.user_code = root["user_code"].text_or({});
  reply.verification_uri = root["verification_uri"].text_or({});
  reply.verification_uri_complete = root["verification_uri_complete"].text_or({});
  auto device_code = root["device_code"].as_secret();
  if (!device_code) return std::move(device_code).error();
  reply.device_code = *std::move(device_code);
  if (!is_printable(reply.device_code.reveal(), kLongestText)) {
    return malformed("a device code that is empty, too long or not printable");
  }
  if (!is_printable(reply.user_code, kLongestUserCode)) {
    return malformed("no user code, or one that is too long or not printable");
  }
  if (!is_printable_word(reply.verification_uri, kLongestText)) {
    return malformed("no verification URI, or one that is too long or not printable");
  }
  if (!is_printable_word(reply.verification_uri_complete, kLongestText)) {
    reply.verification_uri_complete.clear();
  }
  return reply;
}

}  // namespace

base::Result<DeviceReply> read_device_reply(std::string_view body) {
  const auto document = read_reply(body);
  if (!document) return base::Error(document.error()).during("device reply");
  const json::Value root = document->root();
  auto reply = read_codes(root);
  if (!reply) return std::move(reply).error().during("device reply");
  const auto lifetime = read_seconds(root["expires_in"], kShortestLife, kLongestLife);
  if (!lifetime) return malformed("device reply: no lifetime");
  reply->lifetime = *lifetime;
  reply->interval = read_seconds(root["interval"], kShortestInterval, kLongestInterval)
                        .value_or(DeviceReply{}.interval);
  return reply;
}

}  // namespace dogpipe::auth
