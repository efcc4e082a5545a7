// All requests and answers of an authorization, each in a file of its own. Pure but for the random
// numbers.
#pragma once

#include "auth/authorization_request.h"  // what the browser is sent off with
#include "auth/browser_return.h"         // what it comes back with
#include "auth/client_assertion.h"       // a client that signs
#include "auth/device_reply.h"           // signing in on another device
#include "auth/token_reply.h"            // tokens, or why there are none
#include "auth/token_request.h"          // forms to POST
