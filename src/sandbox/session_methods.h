// What a session of the legacy wire does with the messages that it gets, on whatever transport.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/letter.h"
#include "sandbox/post.h"

namespace dogpipe::sandbox {

class Session;

// The result of initialize.
std::string initialize_result(const Context& context, std::string_view version);

// Whether this request cannot be answered by a plain JSON body.
bool wants_stream(const Session& session, json::Value request, const Quirks& quirks);

// Responses and notifications.
void take_answers(Context& context, Session& session, const Letter& letter);
// Requests but for initialize. The session outlives what it is asked here.
void answer_requests(Context& context, Session& session, const Letter& letter,
                     const std::shared_ptr<Post>& post);

}  // namespace dogpipe::sandbox
