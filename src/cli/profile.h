// The settings of a profile, in a file of its own: profiles/NAME.env in the state folder, of the
// same form as .env.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dogpipe::cli {

using ProfileSettings = std::vector<std::pair<std::string, std::string>>;  // variable, value

// The file's text with these settings in it: in the place of those of the same name, else at the
// end. All other lines stay as they are.
std::string with_settings(std::string_view text, const ProfileSettings& settings);

// Puts them into the profile's file. Errors: Kind::file, Kind::untrusted.
base::Result<void> save_profile(const std::string& state_folder, const std::string& name,
                                const ProfileSettings& settings);

}  // namespace dogpipe::cli
