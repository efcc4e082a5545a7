// What the host does, one entry a scenario. `act` comes once it is connected; where there is none, the
// scenario's server is one to keep away from, and connecting and listing tools must end for want of a
// sign-in. `discover` has a host of 2026-07-28 ask what the server offers before anything else;
// `settings` is what the user has told the bridge; `openings` is how often a browser may be opened.
import { authorization } from './acts/authorization.mjs';
import { plain } from './acts/plain.mjs';

export const acts = { ...plain, ...authorization };
