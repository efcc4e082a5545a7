// The same, certain of its server from an earlier day: no server/discover, its first line is a request.
import { capabilities } from '../servers/content.mjs';
import * as plain from './client-2.mjs';

export const name = 'client 2 unannounced';
export const modern = true;

const discover = {
  resultType: 'complete', ttlMs: 0, cacheScope: 'private', supportedVersions: ['2026-07-28'], capabilities,
};

export const open = (target) => plain.open(target, {}, { prior: { kind: 'modern', discover } });
