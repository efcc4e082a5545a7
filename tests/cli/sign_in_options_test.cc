// The options of the sign-in, and the verbs around it.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "cli/environment.h"
#include "cli/options.h"

namespace dogpipe::cli {
namespace {

using auth::SignInMethod;
using Arguments = std::vector<const char*>;
using Variables = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

base::Result<Options> read(Arguments arguments, const Environment& environment) {
  arguments.insert(arguments.begin(), "dogpipe");
  auto all = read_options(static_cast<int>(arguments.size()), arguments.data(), environment);
  if (!all) return std::move(all).error();
  return std::get<Options>(std::move(*all));
}

Options options(const Arguments& arguments, Variables variables = {}, std::string_view file = {}) {
  auto made = read(arguments, Environment(std::move(variables), file));
  const std::string error = made ? "" : made.error().what;
  CAPTURE(error);
  REQUIRE(made);
  return std::move(*made);
}

std::string refusal(const Arguments& arguments) {
  const auto made = read(arguments, Environment(Variables(), ""));
  return made ? "accepted" : made.error().what;
}

bool holds(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

// A state folder for the length of a test.
class Home {
 public:
  Home() {
    char name[] = "/tmp/dogpipe-options-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
    ::setenv("DOGPIPE_HOME", name, 1);
    std::filesystem::create_directory(path_ + "/profiles");
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() {
    ::unsetenv("DOGPIPE_HOME");
    std::filesystem::remove_all(path_);
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
  }

 private:
  std::string path_;
};

TEST_CASE("without any setting a browser signs in, for ten minutes at most") {
  const Options made = options({});
  CHECK(made.verb == Verb::bridge);
  CHECK(made.oauth);
  CHECK(made.may_sign_in);
  CHECK(made.knows_users);
  CHECK(made.login_command == "dogpipe login");
  CHECK(made.sign_in.profile == "default");
  CHECK(made.sign_in.method == SignInMethod::browser);
  CHECK(made.sign_in.open_browser);
  CHECK(made.sign_in.patience == std::chrono::minutes(10));
  CHECK(made.sign_in.trusted.endpoint.text() == made.url.text());
  CHECK(made.sign_in.trusted.origins.empty());
  CHECK(made.sign_in.site == "datadoghq.com");
}

TEST_CASE("any other credential is used instead of a sign-in") {
  CHECK_FALSE(options({}, {{"DOGPIPE_TOKEN", "t"}}).oauth);
  CHECK_FALSE(options({}, {{"DD_API_KEY", "a"}, {"DD_APPLICATION_KEY", "b"}}).oauth);
  CHECK_FALSE(options({"--header", "Authorization: x"}).oauth);
  CHECK(options({}, {{"DD_API_KEY", "a"}}).oauth);
  CHECK(options({"--header", "X-Team: x"}).oauth);
  CHECK_FALSE(options({"--no-oauth"}).may_sign_in);
  CHECK_FALSE(options({"--no-browser"}).sign_in.open_browser);
}

TEST_CASE("the ways to sign in have the names of their grants") {
  const auto method = [](const char* grant) { return options({"--grant", grant}).sign_in.method; };
  CHECK(method("authorization_code") == SignInMethod::browser);
  CHECK(method("device_code") == SignInMethod::device);
  CHECK(method("client_credentials") == SignInMethod::client_credentials);
  for (const char* wrong : {"password", "implicit", "Device_Code", "browser"}) {
    CHECK(holds(refusal({"--grant", wrong}), "--grant"));
  }
}

TEST_CASE("issuers that the user trusts are origins") {
  CHECK(options({"--allow-issuer", "https://a.example/path, https://b.example:8443"})
            .sign_in.trusted.origins == Strings{"https://a.example", "https://b.example:8443"});
  CHECK(options({}, {{"DOGPIPE_ALLOW_ISSUER", "https://a.example"}}).sign_in.trusted.origins ==
        Strings{"https://a.example"});
  for (const char* wrong :
       {"a.example", "https://", "https://a.example,,https://b.example", "https://u@a.example"}) {
    CHECK(holds(refusal({"--allow-issuer", wrong}), "--allow-issuer"));
  }
}

TEST_CASE("a client of the user's, with its secret from where it is safe") {
  const Options made =
      options({"--client-id", "id", "--redirect-uri", "http://localhost:8080/callback", "--scope",
               "read list", "--organization", "org", "--auth-timeout", "30"},
              {{"DATADOG_CLIENT_SECRET", "hush"}});
  CHECK(made.sign_in.client.id == "id");
  CHECK(made.sign_in.client.secret.reveal() == "hush");
  CHECK(made.sign_in.redirect_uri == "http://localhost:8080/callback");
  CHECK(made.sign_in.scope == "read list");
  CHECK(made.sign_in.organization == "org");
  CHECK(made.sign_in.patience == std::chrono::seconds(30));
  CHECK(made.remarks.empty());
  CHECK(holds(made.worker_settings, "hush"));
  CHECK_FALSE(holds(made.login_command, "hush"));

  const Options warned = options({"--client-secret", "hunter2"});
  REQUIRE(warned.remarks.size() == 1);
  CHECK(warned.remarks[0].level == base::LogLevel::warn);
  CHECK(holds(warned.remarks[0].text, "DATADOG_CLIENT_SECRET"));
  CHECK_FALSE(holds(warned.remarks[0].text, "hunter2"));
  CHECK_FALSE(holds(warned.login_command, "hunter2"));
}

TEST_CASE("secrets and keys come from files, which must be there and hold something") {
  const Home home;
  home.put("secret", " hush\n");
  home.put("empty", "\n");
  const std::string folder = ::getenv("DOGPIPE_HOME");
  const std::string secret = folder + "/secret", empty = folder + "/empty";
  CHECK(options({"--client-secret-file", secret.c_str()}).sign_in.client.secret.reveal() == "hush");
  CHECK(options({"--client-assertion-key", secret.c_str()}).sign_in.client.key.reveal() == "hush");
  for (const char* flag : {"--client-secret-file", "--client-assertion-key"}) {
    CHECK(holds(refusal({flag, empty.c_str()}), flag));
    CHECK(holds(refusal({flag, (folder + "/none").c_str()}), flag));
  }
}

TEST_CASE("the command to sign in with leads to the same place, whatever is in it") {
  CHECK(options({"--site", "us3"}).login_command == "dogpipe login --site us3");
  CHECK(options({"--url", "https://a.example/x?y=z&w"}).login_command ==
        "dogpipe login --url 'https://a.example/x?y=z&w'");
  CHECK(options({"--client-id", "a'b; c"}).login_command ==
        "dogpipe login --client-id 'a'\\''b; c'");
  CHECK(options({"http://127.0.0.1:1/", "--allow-http"}).login_command ==
        "dogpipe login --url http://127.0.0.1:1/ --allow-http");
  CHECK(options({}, {{"DD_SITE", "eu1"}}).login_command == "dogpipe login --site eu1");
}

TEST_CASE("verbs, with their options before and behind") {
  CHECK(options({"login"}).verb == Verb::login);
  CHECK(options({"logout"}).verb == Verb::logout);
  CHECK(options({"status"}).verb == Verb::status);
  CHECK(options({"logout", "--all"}).all);
  CHECK(options({"status", "--json"}).json);
  CHECK(options({"login", "--paste"}).paste);
  for (const Arguments& arguments :
       {Arguments{"--site", "us3", "login"}, Arguments{"login", "--site", "us3"},
        Arguments{"login", "--json", "--site", "us3"}}) {
    const Options made = options(arguments);
    CHECK(made.verb == Verb::login);
    CHECK(made.url.host == "mcp.us3.datadoghq.com");
  }
  CHECK(refusal({"login", "logout"}) != "accepted");
  CHECK(refusal({"--device"}) != "accepted");
  CHECK(refusal({"status", "--paste"}) != "accepted");
}

TEST_CASE("--device is for this once, whatever else is set") {
  CHECK(options({"login", "--device"}).sign_in.method == SignInMethod::device);
  CHECK(options({"login", "--device"}, {{"DOGPIPE_GRANT", "client_credentials"}}).sign_in.method ==
        SignInMethod::device);
  CHECK(options({"login"}, {{"DOGPIPE_GRANT", "device_code"}}).sign_in.method ==
        SignInMethod::device);
}

TEST_CASE("a profile has settings of its own, which go before the settings file's") {
  const Home home;
  home.put(".env", "DD_SITE=us5\nDOGPIPE_SCOPE=read\nDOGPIPE_PROFILE=\n");
  home.put("profiles/work.env", "DD_SITE=us3\nDOGPIPE_ORGANIZATION=org\n");
  const auto in_profile = [](const Arguments& arguments) {
    auto environment = Environment::read();
    REQUIRE(environment);
    auto made = read(arguments, *environment);
    REQUIRE(made);
    return std::move(*made);
  };
  const Options plain = in_profile({});
  CHECK(plain.url.host == "mcp.us5.datadoghq.com");
  CHECK(plain.sign_in.profile == "default");
  const Options work = in_profile({"--profile", "work"});
  CHECK(work.url.host == "mcp.us3.datadoghq.com");
  CHECK(work.sign_in.organization == "org");
  CHECK(work.sign_in.scope == "read");
  CHECK(work.sign_in.profile == "work");
  CHECK(holds(work.login_command, "--profile work"));
  CHECK(in_profile({"--profile", "work", "--site", "eu1"}).url.host == "mcp.datadoghq.eu");
  CHECK(in_profile({"--profile", "other"}).url.host == "mcp.us5.datadoghq.com");
  home.put(".env", "DOGPIPE_PROFILE=work\n");
  CHECK(in_profile({}).url.host == "mcp.us3.datadoghq.com");
}

TEST_CASE("a profile's name is no path") {
  for (const char* name : {"../x", "a/b", ".", "..", ".hidden", "a b", "\xc3\xa9",
                           "12345678901234567890123456789012345678901234567890123456789012345"}) {
    CAPTURE(std::string(name));
    CHECK(holds(refusal({"--profile", name}), "--profile"));
  }
  CHECK(options({"--profile", "a-b_c.D9"}).sign_in.profile == "a-b_c.D9");
}

}  // namespace
}  // namespace dogpipe::cli
