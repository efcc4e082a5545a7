// The rounds in which a modern request gathers what it wants to know (2026-07-28,
// basic/patterns/mrtr). The server remembers nothing: all that it must know again is in
// `requestState`, sealed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "sandbox/abilities.h"
#include "sandbox/ledger.h"
#include "sandbox/message.h"
#include "sandbox/question.h"
#include "sandbox/seal.h"

namespace dogpipe::sandbox {

// Where a request stands when it comes.
struct Standing {
  std::size_t round = 0;             // the next one
  std::vector<std::string> answers;  // so far, as JSON
  std::vector<std::string> ids;      // of the JSON-RPC requests so far, raw, this one included
};

class Rounds {
 public:
  // The message lives as long as this object. Rounds of pings alone are left out: there are none.
  Rounds(const Seal& seal, Ledger& ledger, json::Value message, std::vector<Round> rounds);

  // Reads the state and the answers. Errors, as outcomes: -32602 for a state that is not ours or
  // not of this request.
  std::optional<Outcome> read();
  // The capability that the questions to come take and the client lacks: -32021.
  std::optional<Outcome> check(const ClientAbilities& abilities) const;

  bool over() const { return standing_.round >= rounds_.size(); }
  int round() const { return static_cast<int>(standing_.round); }
  const std::vector<std::string>& answers() const { return standing_.answers; }
  // The result that asks for the next round.
  std::string input_required() const;

 private:
  bool read_state(std::string_view state);
  void take_inputs();
  std::string digest() const;
  std::string write_state() const;

  const Seal& seal_;
  Ledger& ledger_;
  json::Value message_;
  std::vector<Round> rounds_;
  bool stateless_;  // the round's result has no requestState
  Standing standing_;
};

}  // namespace dogpipe::sandbox
