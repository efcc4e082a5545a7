#include "bridge/session.h"

#include <array>
#include <utility>

#include "base/log.h"
#include "mcp/headers.h"
#include "mcp/revision.h"
#include "rpc/members.h"

namespace dogpipe::bridge {
namespace {

constexpr std::array<std::string_view, 3> kLists = {"tools", "prompts", "resources"};

std::vector<std::string> read_announced_lists(std::string_view raw_result) {
  std::vector<std::string> lists;
  const auto capabilities = rpc::member(raw_result, "capabilities");
  if (!capabilities) return lists;
  for (const std::string_view kind : kLists) {
    const auto capability = rpc::member(*capabilities, kind);
    if (capability && rpc::member(*capability, "listChanged") == "true") lists.emplace_back(kind);
  }
  return lists;
}

}  // namespace

void Session::opened(std::string_view raw_result, std::string_view id) {
  state_ = State::open;
  ++generation_;
  id_.clear();
  if (mcp::valid_session_id(id)) {
    id_ = id;
  } else if (!id.empty()) {
    base::log(base::LogLevel::warn, "the server's session id is not usable and is ignored");
  }
  const auto revision = rpc::member(raw_result, "protocolVersion");
  revision_ = revision ? rpc::string_value(*revision).value_or("") : "";
  if (!mcp::valid_revision(revision_)) revision_.clear();
  announced_lists_ = read_announced_lists(raw_result);
}

void Session::forget() {
  const std::uint64_t generation = generation_;
  *this = Session();
  generation_ = generation;
}

void Session::remember_initialize(SharedBytes text) {
  initialize_ = std::move(text);
  initialized_.reset();
  level_.reset();
  subscriptions_.clear();
}

void Session::remember_subscription(const std::string& uri, SharedBytes text) {
  constexpr std::size_t kMostSubscriptions = 10'000;
  if (subscriptions_.size() < kMostSubscriptions) subscriptions_[uri] = std::move(text);
}

std::vector<SharedBytes> Session::settings() const {
  std::vector<SharedBytes> all;
  if (level_) all.push_back(level_);
  for (const auto& [uri, text] : subscriptions_) all.push_back(text);
  return all;
}

}  // namespace dogpipe::bridge
