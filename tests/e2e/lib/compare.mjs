// The comparison most referees make: one host, one way to the server, straight and through the bridge.
import * as sdk1 from '../hosts/sdk-1.mjs';
import * as client2 from '../hosts/client-2.mjs';
import * as client2Auto from '../hosts/client-2-auto.mjs';
import { converse, steps } from './conversation.mjs';
import { assert, check, notOk, same } from './report.mjs';

export const hosts = [sdk1, client2, client2Auto];

export async function straight(host, target, table = steps) {
  const session = await host.open(target);
  try {
    return await converse(session, table);
  } finally {
    await session.close();
  }
}

/** One check a step of `table`: what came through the bridge, seen `as`, is what came without it. */
export async function compare(title, host, target, wanted, { warning, table = steps, as = (value) => value } = {}) {
  const session = await check(`${title}: connects`, () => host.open(target));
  if (!session) return;
  try {
    const got = await converse(session, table);
    for (const name of Object.keys(table)) {
      await check(`${title}: ${name}`, () => {
        assert(wanted[name].error === undefined, `the direct connection failed: ${wanted[name].error}`);
        assert(got[name].error === undefined, `failed: ${got[name].error}`);
        same(as(got[name].value), as(wanted[name].value));
      });
    }
  } catch (error) {
    notOk(`${title}: whole conversation`, error);
  }
  await leaves(title, session, warning);
}

/** Silent on stderr but for an expected warning, nothing but JSON-RPC on stdout, gone with 0 well before a host would signal it. */
export async function leaves(title, session, warning = /^$/) {
  await check(`${title}: leaves quietly at end of input`, async () => {
    const how = await session.close();
    same({ code: how.code, signal: how.signal }, { code: 0, signal: null });
    assert(how.milliseconds < 1900, `took ${how.milliseconds} ms`);
    same(session.complaints(), []);
    assert(warning.test(session.stderr()), `stderr: ${session.stderr()}`);
  });
}
