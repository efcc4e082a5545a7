#include "cli/profile.h"

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "cli/environment.h"

namespace dogpipe::cli {
namespace {

constexpr std::size_t kLongestFile = 1u << 20;

std::string_view name_in(std::string_view line) {
  line = base::trimmed(line);
  if (line.substr(0, 7) == "export ") line = base::trimmed(line.substr(7));
  return base::trimmed(line.substr(0, line.find('=')));
}

}  // namespace

std::string with_settings(std::string_view text, const ProfileSettings& settings) {
  std::string out;
  ProfileSettings left = settings;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto at = std::find_if(left.begin(), left.end(),
                                 [&](const auto& one) { return one.first == name_in(line); });
    if (at == left.end()) {
      out.append(line) += '\n';
    } else {
      out += at->first + '=' + at->second + '\n';
      left.erase(at);
    }
  }
  for (const auto& [name, value] : left) out += name + '=' + value + '\n';
  return out;
}

base::Result<void> save_profile(const std::string& state_folder, const std::string& name,
                                const ProfileSettings& settings) {
  base::PosixFiles files(home_folder());
  auto home = files.open(state_folder, base::Files::Missing::create);
  if (!home) return std::move(home).error();
  auto folder = files.open(state_folder + "/profiles", base::Files::Missing::create);
  if (!folder) return std::move(folder).error();
  const std::string file = name + ".env";
  const auto before = (*folder)->read(file, kLongestFile);
  if (!before) return before.error();
  const std::string text = with_settings(before->value_or(""), settings);
  if (text == before->value_or("")) return {};
  auto draft = (*folder)->draft(file + ".tmp-", text.size());
  if (!draft) return std::move(draft).error();
  if (auto written = (*draft)->write(text); !written) return written;
  return (*draft)->publish(file);
}

}  // namespace dogpipe::cli
