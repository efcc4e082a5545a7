#include "temporary_folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "auth/stored.h"

namespace dogpipe::auth {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "dogpipe-store-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void put(const std::string& path, std::string_view text, mode_t mode) {
  std::ofstream(path, std::ios::binary) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

std::string get(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

mode_t mode_of(const std::string& path) {
  struct stat info = {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777u;
}

Grant grant_named(std::string_view name) {
  Grant grant;
  grant.profile = "default";
  grant.endpoint = "https://mcp.example/";
  grant.server.issuer = "https://as.example";
  grant.client.id = name;
  grant.access_token = base::Secret("token of " + std::string(name));
  return grant;
}

std::string names(const Stored& stored) {
  std::string text;
  for (const Grant& grant : stored.grants) text += (text.empty() ? "" : " ") + grant.client.id;
  return text;
}

std::string file_with(std::string_view name) {
  Stored stored;
  stored.put(grant_named(name));
  const auto text = write_stored(stored);
  REQUIRE(text);
  return std::string(text->reveal());
}

}  // namespace dogpipe::auth
