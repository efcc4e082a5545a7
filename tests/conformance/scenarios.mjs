// What is asked of dogpipe, by wire (the revision the suite's server speaks) and by host (which of
// the two in hosts/ stands in front).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { script } from '../e2e/lib/parts.mjs';

export const suite = script('@modelcontextprotocol/conformance', 'conformance');
const home = join(dirname(suite), '..');
const require = createRequire(suite);

export const { version } = require(join(home, 'package.json'));

/** What the suite itself wants of a `client` or `server` of that revision, as frozen when it came out. */
export function required(revision, side = 'client') {
  return require('yaml').parse(readFileSync(join(home, 'requirements', `${revision}.yaml`), 'utf8'))[side];
}

/** Added to the suite too late to be required. */
const preservation = 'json-schema-2020-12-preservation';

/** Extensions, which belong to no revision. */
const grants = ['auth/client-credentials-basic', 'auth/client-credentials-jwt'];

export const groups = [
  { wire: '2025-11-25', host: 'handshake', scored: true, names: required('2025-11-25') },
  { wire: '2026-07-28', host: 'handshake', scored: true, names: required('2026-07-28') },
  { wire: '2026-07-28', host: 'claims', scored: true, names: required('2026-07-28') },

  { wire: '2025-11-25', host: 'handshake', names: [preservation] },
  { wire: '2026-07-28', host: 'handshake', names: [preservation] },
  { wire: '2026-07-28', host: 'claims', names: [preservation] },
  {
    wire: '2025-03-26',
    host: 'handshake',
    names: ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'],
  },
  { wire: '2026-07-28', host: 'handshake', force: true, names: grants },
  { wire: '2026-07-28', host: 'claims', force: true, names: grants },
  {
    // What the suite has for newer revisions: its servers speak this wire as well, and what they look
    // at is as good advice here.
    wire: '2025-11-25',
    host: 'handshake',
    force: true,
    names: [
      ...grants,
      'auth/authorization-server-migration',
      'auth/offline-access-scope',
      'auth/offline-access-not-supported',
      'auth/iss-supported',
      'auth/iss-not-advertised',
      'auth/iss-supported-missing',
      'auth/iss-wrong-issuer',
      'auth/iss-unexpected',
      'auth/iss-normalized',
      'auth/resource-mismatch',
      'auth/metadata-issuer-mismatch',
    ],
  },
];
