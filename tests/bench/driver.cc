// bench-driver: measures bridges side by side. START READING HERE: run_rounds() is the order of
// everything; measure.h lists the measurements, aims.cc the rows of the report.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <set>

#include "driver_options.h"
#include "measure.h"
#include "report.h"

namespace {

using bench::Era;
using bench::World;

constexpr int kUsageError = 2;

constexpr bench::Pairing kModern{"modern_", "2026-07-28", Era::modern, Era::modern};
constexpr bench::Pairing kAscent{"ascent_", "legacy host, 2026-07-28 server", Era::legacy,
                                 Era::modern};
constexpr bench::Pairing kDescent{"descent_", "2026-07-28 host, legacy server", Era::modern,
                                  Era::legacy};

constexpr bench::Measurement kMeasurements[] = {
    {"start", bench::measure_start, 5, true},
    {"twenty", bench::measure_twenty},
    {"idle", bench::measure_idle},
    {"latency", bench::measure_latency},
    {"calls", bench::measure_calls},
    {"bulk", bench::measure_bulk},
    {"peak", bench::measure_peak},
    {"waiting", bench::measure_waiting_calls},
    {"progress", bench::measure_progress},
    {"start", bench::measure_start, 5, false, kModern},
    {"calls", bench::measure_calls, 1, false, kModern},
    {"bulk", bench::measure_bulk, 1, false, kModern},
    {"calls", bench::measure_calls, 1, false, kAscent},
    {"calls", bench::measure_calls, 1, false, kDescent},
};

const char* world_name(World world) {
  switch (world) {
    case World::http:
      return "http";
    case World::one_ca:
      return "tls";
    case World::system:
      return "tls, system certificates";
    case World::bundle:
      return "tls, bundle";
  }
  return "";
}

std::string full_name(const bench::Measurement& measurement) {
  const std::string name{measurement.name};
  const std::string pairing = measurement.pairing.name;
  return pairing.empty() ? name : name + ", " + pairing;
}

// Worlds that stand together are measured in turns, like the subjects.
std::vector<std::vector<World>> worlds(const bench::DriverOptions& options,
                                       const bench::Upstream& upstream, bench::Results& results) {
  std::vector<std::vector<World>> out;
  if (options.plain) out.push_back({World::http});
  if (!options.tls) return out;
  if (upstream.https_port() == 0) {
    results.note(
        "TLS rows skipped: no certificate given, or bench-server built without libnghttp2");
    return out;
  }
  auto& tls = out.emplace_back(std::vector{World::one_ca});
  if (!options.trust.directory.empty()) tls.push_back(World::system);
  if (!options.trust.bundle.empty()) tls.push_back(World::bundle);
  return out;
}

class Rounds {
 public:
  Rounds(const bench::DriverOptions& options, const bench::Upstream& upstream,
         bench::Results& results)
      : options_{options}, upstream_{upstream}, results_{results} {}

  // Subjects take turns within each measurement, and never run at the same time: the machine's
  // moods meet them alike, and shared library pages lower nobody's PSS.
  void run() {
    const auto groups = worlds(options_, upstream_, results_);
    for (int round = 1; round <= options_.rounds; ++round) {
      for (const auto& group : groups) {
        for (const auto& measurement : kMeasurements) run_slices(round, group, measurement);
      }
    }
  }

 private:
  bool is_wanted(const bench::Measurement& measurement, World world) const {
    const bool main_world = world == World::http || world == World::one_ca;
    return (main_world || measurement.in_every_world) &&
           (options_.only.empty() || options_.only == measurement.name);
  }

  void run_slices(int round, const std::vector<World>& group,
                  const bench::Measurement& measurement) {
    if (!is_wanted(measurement, group.front())) return;
    std::fprintf(stderr, "round %d/%d: %s, %s\n", round, options_.rounds, world_name(group.front()),
                 full_name(measurement).c_str());
    for (int slice = 0; slice < measurement.slices; ++slice) {
      for (const auto world : group) {
        if (!is_wanted(measurement, world)) continue;
        for (const auto& subject : options_.subjects) {
          if (speaks(subject, measurement.pairing)) run_one(subject, world, measurement);
        }
      }
    }
  }

  // Peers know the legacy wire alone.
  static bool speaks(const bench::Subject& subject, const bench::Pairing& pairing) {
    return subject.judged || (pairing.host == Era::legacy && pairing.server == Era::legacy);
  }

  void run_one(const bench::Subject& subject, World world, const bench::Measurement& measurement) {
    const auto what = subject.name + ": " + world_name(world) + ", " + full_name(measurement);
    if (given_up_.count(what) > 0) return;
    const auto home = options_.home + "/" + subject.name;
    ::mkdir(home.c_str(), 0700);
    const auto pairing = pairing_for(subject, measurement);
    bench::Stand stand{subject, world, pairing, options_.trust, upstream_, home, results_};
    stand.channel = options_.channel;
    stand.keep_stderr = options_.keep_stderr;
    auto trouble = meet(stand);
    if (!trouble) trouble = measurement.run(stand, options_.scale);
    if (!trouble) return;
    // Not tried again in later rounds: a bridge that hangs would cost its patience every time.
    given_up_.insert(what);
    const auto text = what + ": " + *trouble;
    if (subject.judged) {
      results_.fail(text);
    } else {
      results_.note(text);
    }
  }

  // The floor translates nothing: it stands before a server of its host's era.
  bench::Pairing pairing_for(const bench::Subject& subject,
                             const bench::Measurement& measurement) const {
    auto pairing = measurement.pairing;
    if (&subject == &options_.subjects.front()) pairing.server = pairing.host;
    return pairing;
  }

  // A bridge finds out once what server it has before it, and keeps that for later starts, which
  // are what is measured: the first one at each URL is off the clock.
  bench::Trouble meet(const bench::Stand& stand) {
    const bool is_first = met_.insert(stand.subject().name + " " + stand.url()).second;
    return is_first ? stand.start_and_end() : std::nullopt;
  }

  const bench::DriverOptions& options_;
  const bench::Upstream& upstream_;
  bench::Results& results_;
  std::set<std::string> met_, given_up_;
};

int run_rounds(const bench::DriverOptions& options) {
  const auto upstream = bench::Upstream::start(options.server, options.certificate, options.key);
  if (!upstream) {
    std::fprintf(stderr, "bench-driver: cannot start %s\n", options.server.c_str());
    return 1;
  }
  bench::Results results;
  Rounds{options, *upstream, results}.run();

  bench::RunFacts facts;
  facts.rounds = options.rounds;
  facts.quick = options.quick;
  facts.channel = options.channel == bench::Channel::pipes ? "pipes" : "socketpair";
  for (const auto& subject : options.subjects) facts.subjects.push_back(subject.name);
  bench::print_table(results, facts);
  if (!options.out.empty() && !bench::write_json(results, facts, options.out)) {
    std::fprintf(stderr, "bench-driver: cannot write %s\n", options.out.c_str());
    return 1;
  }
  return results.failures().empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto options = bench::read_driver_options(argc, argv);
    if (!options) {
      std::fputs(bench::kDriverUsage, stderr);
      return kUsageError;
    }
    return run_rounds(*options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-driver: %s\n", error.what());
    return 1;
  }
}
