// The token file: JSON text <-> values. Pure.
//
// {"version":1,"grants":[...],"registrations":[...]}, members that are not known kept in all of the
// three. What is empty is left out.
#pragma once

#include <cstddef>
#include <string_view>

#include "auth/token_store.h"
#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::auth {

constexpr std::int64_t kStoredVersion = 1;
constexpr std::size_t kStoredLimitBytes = 4u << 20;

// Also reads the file of the older Python client (auth/older_client.h). Errors: Kind::malformed and
// Kind::too_large for what makes no sense to anybody, Kind::file for the file of a newer dogpipe,
// which is not ours to touch.
base::Result<Stored> read_stored(std::string_view bytes);
// read_stored() reads the same back. Errors: Kind::file beyond the limit, or for what could not be
// read back (a grant without endpoint, say).
base::Result<base::Secret> write_stored(const Stored& stored);

}  // namespace dogpipe::auth
