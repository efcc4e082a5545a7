// The official TypeScript client, generation 2, that speaks 2026-07-28 and nothing else.
import * as plain from './client-2.mjs';

export const name = 'client 2 pinned';
export const modern = true;

export const open = (target) => plain.open(target, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
