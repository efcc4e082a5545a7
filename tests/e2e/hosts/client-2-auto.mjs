// The official TypeScript client, generation 2, asking for the newest revision first: it spends a
// sibling process on server/discover and starts a second one for what it then speaks.
import * as plain from './client-2.mjs';

export const name = 'client 2 auto';

export const open = (target) => plain.open(target, { versionNegotiation: { mode: 'auto' } });
