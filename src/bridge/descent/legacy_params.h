// From a request of 2026-07-28 to one of the older revisions: what it says of itself in `_meta`
// (MCP 2026-07-28, basic/index, "_meta") is read, and taken out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dogpipe::bridge::descent {

// RFC 5424: lower is graver, so that greater is more verbose.
enum class LogDetail : std::uint8_t {
  emergency,
  alert,
  critical,
  error,
  warning,
  notice,
  info,
  debug,
};

std::optional<LogDetail> read_log_detail(std::string_view raw);
std::string_view name_of(LogDetail detail);

// What a request claims. All views are into its params, raw.
struct Claim {
  std::string_view raw_capabilities;    // an object
  std::string_view raw_client_info;     // an Implementation with name and version, or empty
  std::string_view raw_progress_token;  // or empty
  std::optional<LogDetail> log_detail;
};

// Why a request is not taken: an error for the host.
struct ClaimFault {
  int code = 0;
  std::string_view message;
  std::string raw_data;
};

// A claim, or a fault. Only 2026-07-28 is known.
class [[nodiscard]] ReadClaim {
 public:
  ReadClaim(const Claim& claim) : claim_(claim) {}  // NOLINT(google-explicit-constructor)
  ReadClaim(ClaimFault fault)                       // NOLINT(google-explicit-constructor)
      : fault_(std::move(fault)) {}

  explicit operator bool() const { return !fault_; }
  const Claim& operator*() const { return claim_; }
  const Claim* operator->() const { return &claim_; }
  const ClaimFault& fault() const { return *fault_; }

 private:
  Claim claim_;
  std::optional<ClaimFault> fault_;
};

ReadClaim read_claim(std::string_view raw_params);

// The params without the claim and without the members of a retry (`inputResponses` and
// `requestState`), which older servers do not know. Progress token, trace context and vendors' keys
// stay; a `_meta` that gets empty goes. No params: none.
std::string legacy_params(std::string_view raw_params);

// The params of the initialize that opens the session in which requests with such claims are made,
// for revision 2025-11-25. The bridge names itself for a client that does not.
std::string initialize_params(const Claim& claim);

}  // namespace dogpipe::bridge::descent
