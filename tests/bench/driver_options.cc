#include "driver_options.h"

#include <charconv>
#include <string_view>

namespace bench {
namespace {

bool add_subject(DriverOptions& options, std::string_view text, bool is_peer) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) return false;
  Subject subject{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
  subject.verbatim = subject.judged = !is_peer;
  options.subjects.push_back(std::move(subject));
  return true;
}

bool read_flag(DriverOptions& options, std::string_view name) {
  if (name == "--quick") {
    options.quick = true;
    options.scale = quick_scale();
  } else if (name == "--pipes") {
    options.channel = Channel::pipes;
  } else if (name == "--no-tls") {
    options.tls = false;
  } else if (name == "--no-plain") {
    options.plain = false;
  } else if (name == "--keep-stderr") {
    options.keep_stderr = true;
  } else {
    return false;
  }
  return true;
}

std::string* text_option(DriverOptions& options, std::string_view name) {
  struct Named {
    std::string_view name;
    std::string* value;
  };
  const Named all[] = {{"--server", &options.server},
                       {"--cert", &options.certificate},
                       {"--key", &options.key},
                       {"--home", &options.home},
                       {"--one-ca", &options.trust.one_ca},
                       {"--ca-dir", &options.trust.directory},
                       {"--ca-bundle", &options.trust.bundle},
                       {"--only", &options.only},
                       {"--out", &options.out}};
  for (const auto& option : all) {
    if (option.name == name) return option.value;
  }
  return nullptr;
}

bool read_value(DriverOptions& options, std::string_view name, std::string_view value) {
  if (name == "--subject" || name == "--peer") return add_subject(options, value, name == "--peer");
  if (name == "--rounds") {
    const auto end = value.data() + value.size();
    return std::from_chars(value.data(), end, options.rounds).ptr == end && options.rounds > 0;
  }
  auto* text = text_option(options, name);
  if (text != nullptr) *text = value;
  return text != nullptr;
}

}  // namespace

const char* const kDriverUsage =
    "usage: bench-driver --server PATH --home DIR --subject NAME=COMMAND...\n"
    "  --subject NAME=COMMAND  a bridge; {url} {http} {ca} {trust} are replaced. The first is the\n"
    "                          floor, the second is judged against it\n"
    "  --peer NAME=COMMAND     a bridge that prints messages anew, shown for comparison\n"
    "  --cert FILE --key FILE  for TLS\n"
    "  --one-ca FILE --ca-dir DIR --ca-bundle FILE  what the bridges shall trust\n"
    "  --rounds N --quick --pipes --no-tls --no-plain --only MEASUREMENT --out FILE "
    "--keep-stderr\n";

std::optional<DriverOptions> read_driver_options(int argc, char** argv) {
  DriverOptions options;
  for (int i = 1; i < argc; ++i) {
    if (read_flag(options, argv[i])) continue;
    if (i + 1 == argc || !read_value(options, argv[i], argv[i + 1])) return std::nullopt;
    ++i;
  }
  if (options.server.empty() || options.home.empty() || options.subjects.empty()) {
    return std::nullopt;
  }
  return options;
}

}  // namespace bench
