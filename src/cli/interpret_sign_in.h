// What the settings of the sign-in mean.
#pragma once

#include <chrono>
#include <string>

#include "auth/sign_in.h"
#include "base/result.h"
#include "cli/settings.h"
#include "http/url.h"

namespace dogpipe::cli {

// `site` is the one that was chosen, or empty. Errors: Kind::usage, Kind::file.
base::Result<auth::SignInRequest> interpret_sign_in(const Settings& settings, const http::Url& url,
                                                    const std::string& site);

// The command that signs in to the same place, for people to run: with what differs from a plain
// `dogpipe login`.
std::string login_command(const Settings& settings);

// A setting that is a number of seconds. Errors: Kind::usage.
base::Result<std::chrono::milliseconds> read_seconds(const Setting& setting,
                                                     std::chrono::seconds fallback);

}  // namespace dogpipe::cli
