// Messages as tests write them, and as transcripts show them.
#pragma once

#include <string>
#include <string_view>

namespace dogpipe::bridge {

// `{"id":1}` -> `{"jsonrpc":"2.0","id":1}`, for every message in the text.
std::string full(std::string_view text);
// The opposite.
std::string brief(std::string_view text);
// One server-sent event with that message.
std::string event(std::string_view message);

// A line for the host, brief; an error of the bridge in a few words, since the texts are for people
// and may change.
std::string summary(std::string_view line);
std::string replaced(std::string text, std::string_view what, std::string_view with);

}  // namespace dogpipe::bridge
