#pragma once

#include <optional>
#include <string>
#include <vector>

#include "child.h"
#include "measure.h"
#include "subject.h"

namespace bench {

// The command line as it was given. run.sh makes it; kDriverUsage tells what it may hold.
struct DriverOptions {
  std::string server;  // the path of bench-server
  std::string certificate, key;
  std::string home;  // an empty folder that bridges may write to
  Trust trust;
  std::vector<Subject> subjects;
  int rounds = 3;
  bool quick = false;
  bool plain = true;
  bool tls = true;
  bool keep_stderr = false;
  Channel channel = Channel::socketpair;
  std::string only;  // the name of one measurement, or empty for all
  std::string out;   // a file for JSON, or empty
  Scale scale;
};

extern const char* const kDriverUsage;

// Nothing when it cannot be understood or lacks what every run needs.
std::optional<DriverOptions> read_driver_options(int argc, char** argv);

}  // namespace bench
