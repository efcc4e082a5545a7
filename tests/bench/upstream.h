#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "child.h"

namespace bench {

// A running bench-server. Its standard input is a pipe of ours, so it ends when we do.
class Upstream {
 public:
  struct Stats {
    std::uint64_t requests = 0;
    std::uint64_t at_opening = 0;  // requests when a bridge's first one was answered, the latest
  };

  // TLS is offered when both files are named and the server was built for it.
  static std::optional<Upstream> start(const std::string& program, const std::string& certificate,
                                       const std::string& key);

  std::uint16_t http_port() const { return http_; }
  std::uint16_t https_port() const { return https_; }  // 0: none
  // Asked over a connection of its own, which the counts leave out.
  Stats stats() const;
  double cpu_seconds() const { return process::cpu_seconds(child_.pid()); }

 private:
  explicit Upstream(Child child) : child_{std::move(child)} {}

  Child child_;
  std::uint16_t http_ = 0;
  std::uint16_t https_ = 0;
};

}  // namespace bench
