#pragma once

#include <string>
#include <vector>

namespace bench {

// How a bridge is to reach and to trust the server.
enum class World {
  http,    // plain
  one_ca,  // TLS, told one file with the one certificate to trust
  system,  // TLS, trusting a hashed directory as a system has it
  bundle,  // TLS, trusting one file with all of a system's certificates
};

// A bridge to be measured, by name.
struct Subject {
  std::string name;
  std::string command;   // with {url}, {http}, {ca} and {trust} to be replaced
  bool verbatim = true;  // passes messages on byte for byte; else only payloads are compared
  bool judged = true;    // its failures fail the run
};

// Files for the TLS worlds, all of which hold the authority of the server's certificate.
struct Trust {
  std::string one_ca, directory, bundle;
};

// The words to start it with. {http} is --allow-http in the plain world. {ca} is --ca-cert FILE in
// the world of one CA and nothing elsewhere, where the environment tells; {trust} tells by
// --ca-cert and --ca-path in every TLS world.
std::vector<std::string> command_words(const Subject& subject, World world, const Trust& trust,
                                       const std::string& url);

// The environment: nothing of the caller's own proxies, certificates and tokens, and an empty
// folder in place of every home.
std::vector<std::string> environment(World world, const Trust& trust, const std::string& home);

}  // namespace bench
