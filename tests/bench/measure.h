#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge.h"
#include "results.h"
#include "subject.h"
#include "upstream.h"

namespace bench {

// How much of everything: --quick or not.
struct Scale {
  int starts = 3;  // in each slice
  std::chrono::milliseconds load{700};
  int latency_calls = 2000;
  std::size_t bulk_bytes = std::size_t{64} << 20;  // about this much for each size, at least twice
  std::uint64_t progress = 100'000;
  std::chrono::milliseconds idle{2000};
};
Scale quick_scale();

// A host and the server behind the bridge, each in its era.
struct Pairing {
  const char* prefix = "";  // of its metrics
  const char* name = "";
  Era host = Era::legacy;
  Era server = Era::legacy;
};

// One subject in one world in one round: what a measurement needs to start bridges and where it
// leaves its figures. Everything named here must outlive it.
class Stand {
 public:
  Stand(const Subject& subject, World world, const Pairing& pairing, const Trust& trust,
        const Upstream& upstream, std::string home, Results& results)
      : subject_{subject},
        world_{world},
        pairing_{pairing},
        trust_{trust},
        upstream_{upstream},
        home_{std::move(home)},
        results_{results} {}

  Channel channel = Channel::socketpair;
  bool keep_stderr = false;

  const Subject& subject() const { return subject_; }
  const Upstream& upstream() const { return upstream_; }
  World world() const { return world_; }
  bool tls() const { return world_ != World::http; }
  void add(const std::string& metric, double value) {
    results_.add(subject_.name, (tls() ? "tls." : "http.") + (pairing_.prefix + metric), value);
  }
  // Whether the report has a row for it: of most pairings little is shown, and only that measured.
  bool wants(const std::string& metric) const;

  std::string url() const;
  std::optional<Bridge> spawn() const;
  // Spawned, initialized, and seen to work.
  Trouble start(std::optional<Bridge>& bridge) const;
  // Off the clock.
  Trouble start_and_end() const;

 private:
  const Subject& subject_;
  World world_;
  Pairing pairing_;
  const Trust& trust_;
  const Upstream& upstream_;
  std::string home_;
  Results& results_;
};

// A measurement starts its own bridges, leaves figures in the stand, and returns what went wrong:
// wrong bytes, lost events, a bridge that hangs or dies. It has no opinion on the figures.
struct Measurement {
  std::string_view name;
  Trouble (*run)(Stand& stand, const Scale& scale);
  // Taken in that many turns a round, so that short things are compared within a second.
  int slices = 1;
  bool in_every_world = false;  // else only in http and one_ca
  Pairing pairing{};
};

// measure_start.cc: what a bridge costs that is asked nothing.
Trouble measure_start(Stand& stand, const Scale& scale);
Trouble measure_twenty(Stand& stand, const Scale& scale);
Trouble measure_idle(Stand& stand, const Scale& scale);
// measure_calls.cc: small calls, one after the other, many at once, and slow ones.
Trouble measure_latency(Stand& stand, const Scale& scale);
Trouble measure_calls(Stand& stand, const Scale& scale);
Trouble measure_waiting_calls(Stand& stand, const Scale& scale);
// measure_bulk.cc: large results and long streams.
Trouble measure_bulk(Stand& stand, const Scale& scale);
Trouble measure_peak(Stand& stand, const Scale& scale);
Trouble measure_progress(Stand& stand, const Scale& scale);

}  // namespace bench
