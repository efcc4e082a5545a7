// Hosts of 2025 and of 2026 before servers of either: whatever is spoken on the two sides of the
// bridge, every answer is what the same host would get without one.
import { dogpipe } from '../lib/bridge.mjs';
import { compare, straight } from '../lib/compare.mjs';
import { call, steps as everything } from '../lib/conversation.mjs';
import { ofEveryRevision, ofOlderHost, ofThisRevision, steps } from '../lib/every_feature.mjs';
import { claiming, inSession, requests } from '../lib/exact.mjs';
import { everythingServer } from '../lib/parts.mjs';
import { claim, discover, initialize, say } from '../lib/raw.mjs';
import { assert, check, same } from '../lib/report.mjs';
import { servers } from '../lib/servers.mjs';
import * as auto from '../hosts/client-2-auto.mjs';
import * as classic from '../hosts/client-2.mjs';
import * as pinned from '../hosts/client-2-pinned.mjs';
import * as sdk1 from '../hosts/sdk-1.mjs';
import * as unannounced from '../hosts/client-2-unannounced.mjs';

/** Of itself a server told this host on another day. */
const { 'what the server says of itself': _, ...unannouncedSteps } = steps;

/**
 * Host, server, and where the same can be had directly: at another server when a translation is needed.
 * Before a server of both eras it is the bridge that chooses what a host of 2025 is translated to.
 */
const sides = [
  { host: sdk1, at: 'SDK 1' },
  { host: classic, at: 'SDK 1' },
  { host: pinned, at: 'SDK 2 modern' },
  { host: pinned, at: 'SDK 2 dual' },
  { host: auto, at: 'SDK 2 dual' },
  { host: sdk1, at: 'SDK 2 dual', view: ofOlderHost },
  { host: sdk1, at: 'SDK 2 modern', as: 'SDK 2 dual', view: ofOlderHost },
  { host: classic, at: 'SDK 2 modern', as: 'SDK 2 dual', view: ofOlderHost },
  { host: unannounced, at: 'SDK 1', as: 'SDK 2 dual', view: ofEveryRevision, table: unannouncedSteps },
];

const titleOf = ({ host, at }) => `${host.name} before ${at}`;
const flags = ({ url }) => ['--url', url, '--allow-http'];

export const names = [...sides.map(titleOf), 'client 2 unannounced before the everything-server'];

async function conversations(running) {
  for (const side of sides) {
    const { host, at, as = at, view = ofThisRevision, table = steps } = side;
    const wanted = await straight(host, { url: running[as].url }, table);
    await compare(titleOf(side), host, dogpipe(flags(running[at])), wanted, { table, as: view });
  }
}

/** Where nothing has to be translated there is no other text of the same value: here are the texts. */
async function bytes(running) {
  for (const at of ['SDK 2 modern', 'SDK 2 dual']) {
    await check(`2026 before ${at}: byte for byte`, async () => {
      const messages = [discover, ...requests(claim)];
      const { lines } = await say(dogpipe(flags(running[at])), messages);
      same(lines.sort(), (await claiming(running[at].url, messages)).sort());
    });
  }
  await check('2025 before SDK 1: byte for byte', async () => {
    const { url } = running['SDK 1'];
    const begin = { ...initialize, id: 'begin' };
    const { lines } = await say(dogpipe(flags({ url })), [begin, { jsonrpc: '2.0', method: 'notifications/initialized' }, ...requests()]);
    same(lines.sort(), (await inSession(url, begin, requests())).sort());
  });
}

const cacheable = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read'];

/** What 2026-07-28 asks of every result, and SDKs forgive. */
async function wholeResults({ url }) {
  const messages = requests(claim);
  const { answers, code } = await say(dogpipe(flags({ url })), messages);
  same(code, 0);
  for (const { id, method } of messages) {
    const { result } = answers.find((answer) => answer.id === id);
    if (!result) continue;
    same(result.resultType, 'complete');
    if (!cacheable.includes(method)) continue;
    assert(Number.isInteger(result.ttlMs), `${method}: ttlMs ${result.ttlMs}`);
    assert(['private', 'public'].includes(result.cacheScope), `${method}: cacheScope ${result.cacheScope}`);
  }
  assert(answers.filter(({ result }) => result).length > 10, 'hardly a result');
}

/** Not of this revision: a ping, a level for a whole session, a question outside any request. */
const ofSessions = ['what the server says of itself', 'ping', 'a log level', 'roots'];

/** This revision has no tasks, and clients drop the word: tools that insist on one are not listed. */
const callable = (tools) =>
  tools.filter(({ execution }) => execution?.taskSupport !== 'required').map(({ execution: _, ...tool }) => tool);

/** What the server asks comes by a request of its own, or by an intermediate result. */
function asking(act) {
  return async (session) => {
    const from = session.asked.length;
    const result = await act(session);
    return { asked: session.asked.slice(from).map(({ method, params }) => ({ method, message: params.message, messages: params.messages })), result };
  };
}

async function everythingUnannounced() {
  const server = await everythingServer();
  const table = {
    ...Object.fromEntries(Object.entries(everything).filter(([name]) => !ofSessions.includes(name))),
    'tool list': async ({ client }) => callable((await client.listTools()).tools),
    sampling: asking(call('trigger-sampling-request', { prompt: 'say something', maxTokens: 9 })),
    elicitation: asking(call('trigger-elicitation-request')),
  };
  const wanted = await straight(classic, { url: server.url }, table);
  await compare(`${unannounced.name} before the everything-server`, unannounced, dogpipe(flags(server)), wanted, { table, as: ofEveryRevision });
  await server.stop();
}

export async function referee() {
  const running = {};
  for (const at of ['SDK 1', 'SDK 2 modern', 'SDK 2 dual']) running[at] = await servers[at]();
  await bytes(running);
  await check('2026 before SDK 1: results are whole', () => wholeResults(running['SDK 1']));
  await conversations(running);
  await everythingUnannounced();
  for (const server of Object.values(running)) await server.stop();
}
