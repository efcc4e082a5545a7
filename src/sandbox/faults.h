// Answers that a server should not give, by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/http_server.h"
#include "event/loop.h"
#include "sandbox/later.h"

namespace dogpipe::sandbox {

struct Fault {
  std::string_view name;
  // Whether a tools/call that meets it has been executed (and counts in the ledger).
  bool executed;
  std::string_view help;
};

std::span<const Fault> all_faults();
const Fault* find_fault(std::string_view name);

// What a fault needs to know about the request that it spoils.
struct Victim {
  std::string id;     // raw JSON
  std::string right;  // the right response, as JSON
};

// Answers in the fault's way. `later` outlives the answer.
void play_fault(const Fault& fault, const Victim& victim, event::HttpAnswer answer, Later& later);

}  // namespace dogpipe::sandbox
