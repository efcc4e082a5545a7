#include "rpc/envelope.h"

namespace dogpipe::rpc {

Scanned Scanner::finish() {
  Scanned outcome = grammar_.complete()
                        ? draft_.judge(grammar_.multi_line())
                        : Scanned(Refusal{Refusal::Why::parse, grammar_.flaw(), {}});
  reset();
  return outcome;
}

void Scanner::reset() {
  grammar_.reset();
  draft_.reset();
}

Scanned scan(std::string_view text) {
  Scanner scanner;
  scanner.feed(text);
  return scanner.finish();
}

}  // namespace dogpipe::rpc
