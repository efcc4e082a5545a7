#include "bridge/era.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "mcp/codes.h"
#include "mcp/request_fields.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using Means = ProbeFinding::Means;

constexpr std::size_t kMostRevisions = 64;

// Of an error message; 0 for any other, or without a code that is an integer.
int error_code(const Message& message) {
  if (message.envelope.shape != rpc::Shape::error) return 0;
  const auto raw = rpc::member(message.envelope.error.in(message.text), "code").value_or("");
  int code = 0;
  const char* const end = raw.data() + raw.size();
  const auto [stop, failure] = std::from_chars(raw.data(), end, code);
  return failure == std::errc() && stop == end ? code : 0;
}

bool is_success(int status) { return status >= 200 && status < 300; }

// ---- lists of revisions

// None where there is no list; what is no revision is not in it.
std::optional<std::vector<std::string>> read_list(std::optional<std::string_view> raw) {
  if (!raw || raw->substr(0, 1) != "[") return std::nullopt;
  std::vector<std::string> list;
  rpc::for_each_element(*raw, [&list](std::string_view element) {
    auto revision = rpc::string_value(element);
    if (!revision || !mcp::valid_revision(*revision) || list.size() == kMostRevisions) return;
    list.push_back(std::move(*revision));
  });
  return list;
}

std::optional<std::vector<std::string>> supported_by_result(const Message& message) {
  return read_list(rpc::member(message.envelope.result.in(message.text), "supportedVersions"));
}

// Of UnsupportedProtocolVersionError.
std::optional<std::vector<std::string>> supported_by_error(const Message& message) {
  const auto data = rpc::member(message.envelope.error.in(message.text), "data");
  return data ? read_list(rpc::member(*data, "supported")) : std::nullopt;
}

std::string newest_known(const std::vector<std::string>& supported, const Probe& probe) {
  std::string newest;
  for (const std::string& revision : supported) {
    const bool known =
        std::find(probe.known.begin(), probe.known.end(), revision) != probe.known.end();
    if (known && revision > newest) newest = revision;
  }
  return newest;
}

// `empty`: what no revision at all means.
ProbeFinding judge_list(std::vector<std::string> supported, const Probe& probe, Means empty) {
  ProbeFinding finding;
  finding.revision = newest_known(supported, probe);
  const bool legacy = std::any_of(supported.begin(), supported.end(),
                                  [](const auto& revision) { return !mcp::is_modern(revision); });
  finding.means = !finding.revision.empty() ? Means::modern
                  : legacy                  ? Means::legacy
                  : supported.empty()       ? empty
                                            : Means::incompatible;
  finding.supported = std::move(supported);
  return finding;
}

ProbeFinding finding_of(Means means) {
  ProbeFinding finding;
  finding.means = means;
  return finding;
}

// ---- errors

// Statuses about the credential, or about this moment or this way to the server.
bool tells_nothing(int status) {
  constexpr std::array kAboutOther = {401, 403, 407, 408, 421, 425, 429};
  return status < 400 || status >= 500 ||
         std::find(kAboutOther.begin(), kAboutOther.end(), status) != kAboutOther.end();
}

// The body was not read to its end: whether it was a modern error cannot be known.
bool is_incomplete(const Outcome& outcome) {
  return outcome.error && outcome.error->kind != base::Kind::too_large;
}

// Errors that no legacy server has a reason for.
bool is_modern_error(int status, const Message* message) {
  switch (message != nullptr ? error_code(*message) : 0) {
    case mcp::kHeaderMismatch:
    case mcp::kMissingCapability:
    case mcp::kUnsupportedRevision:
    case mcp::kInvalidParams:
      return status == 400;
    case mcp::kMethodNotFound:
      return status == 404;
    default:
      return false;
  }
}

// What a server says to a POST that it has no place for.
bool is_out_of_place(int status) { return status == 400 || status == 404 || status == 405; }

const Message* message_of(const Outcome& outcome) {
  return outcome.message ? &*outcome.message : nullptr;
}

// `message` may be null.
ProbeFinding judge_refusal(int status, const Message* message, const Probe& probe) {
  if (tells_nothing(status)) return finding_of(Means::no_evidence);
  const int code = message != nullptr ? error_code(*message) : 0;
  if (code == mcp::kUnsupportedRevision) {
    auto list = supported_by_error(*message);
    if (list || status == 400) {
      return judge_list(std::move(list).value_or(std::vector<std::string>()), probe,
                        Means::incompatible);
    }
  }
  const bool mendable = code == mcp::kHeaderMismatch || code == mcp::kMissingCapability;
  if (mendable && status == 400 && !probe.mended) return finding_of(Means::mend_and_retry);
  return finding_of(Means::legacy);
}

}  // namespace

HostSays host_says(std::string_view method, std::string_view raw_params) {
  if (method == "server/discover") return HostSays::discover;
  if (method != "initialize") {
    return mcp::has_claim(raw_params) ? HostSays::modern_request : HostSays::legacy_request;
  }
  const auto revision = mcp::claimed_revision(raw_params);
  return revision && mcp::is_modern(*revision) ? HostSays::modern_request : HostSays::initialize;
}

ProbeFinding read_probe(const Message& answer, const Probe& probe) {
  if (answer.envelope.shape == rpc::Shape::response) {
    if (auto list = supported_by_result(answer)) {
      return judge_list(std::move(*list), probe, Means::legacy);
    }
  } else if (error_code(answer) == mcp::kUnsupportedRevision) {
    if (auto list = supported_by_error(answer)) {
      return judge_list(std::move(*list), probe, Means::incompatible);
    }
  }
  return finding_of(Means::legacy);
}

ProbeFinding read_probe(int status, const Message& answer, const Probe& probe) {
  return is_success(status) ? read_probe(answer, probe) : judge_refusal(status, &answer, probe);
}

ProbeFinding read_probe(const Outcome& outcome, const Probe& probe) {
  if (is_incomplete(outcome)) return finding_of(Means::no_evidence);
  return judge_refusal(outcome.status, message_of(outcome), probe);
}

bool refuses_initialize(const Message& answer) {
  const int code = error_code(answer);
  return code == mcp::kMethodNotFound || code == mcp::kUnsupportedRevision;
}

bool refuses_initialize(int status, const Message& answer) {
  return is_success(status) ? refuses_initialize(answer) : is_modern_error(status, &answer);
}

bool refuses_initialize(const Outcome& outcome) {
  return is_modern_error(outcome.status, message_of(outcome));
}

bool contradicts_modern(int status, const Message* answer) {
  return is_out_of_place(status) && !is_modern_error(status, answer);
}

bool contradicts_legacy(int status, const Message* answer) {
  if (is_out_of_place(status)) return true;
  return status == 200 && answer != nullptr && refuses_initialize(*answer);
}

bool wants_http_sse(const Outcome& outcome) {
  return !is_incomplete(outcome) && wants_http_sse(outcome.status, message_of(outcome));
}

bool wants_http_sse(int status, const Message* answer) {
  return is_out_of_place(status) && !is_modern_error(status, answer);
}

Route route(HostSays says, ServerEra era, const EraPolicy& policy) {
  if (policy.override_era == Override::modern) era = ServerEra::modern_only;
  if (policy.override_era == Override::legacy) era = ServerEra::legacy;

  const bool discover = says == HostSays::discover;
  if (!discover && says != HostSays::modern_request) {
    if (era == ServerEra::modern_only) return Route::ascend;
    const bool opens = says == HostSays::initialize;
    if (opens && era == ServerEra::unknown && !policy.expect_legacy) return Route::probe;
    return Route::legacy_relay;
  }
  switch (era) {
    case ServerEra::unknown:
      return Route::probe;
    case ServerEra::legacy:
      return discover && !policy.synthesize_discover ? Route::decline_discover : Route::descend;
    case ServerEra::modern:
    case ServerEra::modern_only:
      break;
  }
  return Route::modern_relay;
}

}  // namespace dogpipe::bridge
