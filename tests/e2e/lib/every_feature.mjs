// A conversation with a server of servers/, about everything MCP has. Whatever revision the host
// speaks, and whichever the server, it must come out the same.
import { watched as uri } from '../servers/content.mjs';
import { call, watched } from './conversation.mjs';
import { until } from './report.mjs';

const modern = ({ client }) => client.getProtocolEra?.() === 'modern';
const refusal = (promise) => promise.then(() => 'no error', ({ code, message, data }) => ({ code, message, data }));

/** A tool that asks something of the host: what it then says, and what it asked. */
const asks = (name, given) => async (session) => {
  const from = session.asked.length;
  const result = await call(name, given)(session);
  return { result, asked: session.asked.slice(from) };
};

/** From `level` on, in the way of the host's revision. */
async function logs(session, level) {
  if (!modern(session)) await session.client.setLoggingLevel(level);
  const _meta = modern(session) ? { 'io.modelcontextprotocol/logLevel': level } : undefined;
  return watched(session, ['notifications/message'], () => session.call({ name: 'speak', arguments: {}, ...(_meta && { _meta }) }));
}

async function follow(session) {
  const { client } = session;
  if (!modern(session)) {
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
  }
  const subscription = await client.listen({
    toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: [uri],
  });
  return () => subscription.close();
}

/** What is told of changes. A server may have no way yet to tell it, so it is asked until it has told. */
async function changes(session) {
  const stop = await follow(session);
  const told = {};
  const methods = {
    tools: 'notifications/tools/list_changed', prompts: 'notifications/prompts/list_changed',
    resources: 'notifications/resources/list_changed', watched: 'notifications/resources/updated',
  };
  for (const [what, method] of Object.entries(methods)) {
    told[method] = await until(method, async () => {
      await call('touch', { what })(session);
      return session.incoming.find((message) => message.method === method);
    });
  }
  await stop();
  return Object.fromEntries(Object.entries(told).map(([method, { params = {} }]) => [method, params]));
}

export const steps = {
  'what the server says of itself': ({ client }) => ({
    info: client.getServerVersion(), capabilities: client.getServerCapabilities(), instructions: client.getInstructions(),
  }),
  'tool list': ({ client }) => client.listTools(),
  echo: call('echo', { message: 'Grüße, 你好, \u2028\u2029, "quoted\\", \u0000\u001f, 🐕, ' + 'x'.repeat(70_000) }),
  'structured content': call('structured'),
  'every kind of content': call('all-kinds'),
  'a tool that fails': call('refuse'),
  'a tool that is not there': (session) => refusal(call('no-such-tool')(session)),
  'an argument in a header': call('mirrored', { region: ' Zürich ', level: 7 }),
  'twenty calls at once': (session) =>
    Promise.all(Array.from({ length: 20 }, (_, n) => call('echo', { message: `number ${n}` })(session))),
  progress: (session) =>
    watched(session, ['notifications/progress'], () => session.call({ name: 'count', arguments: { to: 4 } }, { onprogress() {} })),
  'logs from warning on': (session) => logs(session, 'warning'),
  'logs from debug on': (session) => logs(session, 'debug'),
  'resource list': ({ client }) => client.listResources(),
  'resource templates': ({ client }) => client.listResourceTemplates(),
  'a resource of text': ({ client }) => client.readResource({ uri: 'e2e://text' }),
  'a resource of bytes': ({ client }) => client.readResource({ uri: 'e2e://bytes' }),
  'a resource of a template': ({ client }) => client.readResource({ uri: 'e2e://item/a%20b%2F%E4%B8%AD' }),
  'a resource that is not there': ({ client }) => refusal(client.readResource({ uri: 'e2e://nowhere' })),
  'prompt list': ({ client }) => client.listPrompts(),
  'a prompt': ({ client }) => client.getPrompt({ name: 'greeting', arguments: { whom: 'Köln', how: 'laut' } }),
  'a prompt that is not there': ({ client }) => refusal(client.getPrompt({ name: 'none' })),
  'a completion': ({ client }) =>
    client.complete({ ref: { type: 'ref/prompt', name: 'greeting' }, argument: { name: 'whom', value: 'K' } }),
  'elicitation of a form': asks('ask-form'),
  'elicitation by URL': asks('ask-url'),
  sampling: asks('ask-sampling'),
  roots: asks('ask-roots'),
  'three questions at once': asks('ask-all'),
  'two rounds of questions': asks('ask-twice', { about: 'Grüße' }),
  changes,
};

/** The value with every part for which `keep(key, part)` is false left out, and what is then empty. */
function without(value, keep) {
  if (Array.isArray(value)) return value.map((part) => without(part, keep));
  if (value === null || typeof value !== 'object') return value;
  const left = Object.entries(value)
    .filter(([key, part]) => keep(key, part))
    .map(([key, part]) => [key, without(part, keep)])
    .filter(([key, part]) => !(['_meta', 'params'].includes(key) && Object.keys(part ?? {}).length === 0));
  return Object.fromEntries(left);
}

/** Without the one thing that is new every time. */
export const ofThisRevision = (value) => without(value, (key) => key !== 'elicitationId');

const ofNewer = ['resultType', 'ttlMs', 'cacheScope', 'io.modelcontextprotocol/serverInfo', 'io.modelcontextprotocol/subscriptionId'];

/** Without what every peer numbers in a way of its own: what a host of 2025 sees, from whatever server. */
export function ofOlderHost(value) {
  const plain = without(value, (key) => !['elicitationId', 'progressToken'].includes(key));
  // "No such resource" has a code of its own in some revisions, and the first SDK writes codes into texts.
  if (plain?.code === -32002) plain.code = -32602;
  if (typeof plain?.code === 'number') plain.message = plain.message.replaceAll(/MCP error -?\d+: /g, '');
  // Asked one after the other or all at once, there is no order to keep.
  plain?.asked?.sort((a, b) => (a.method < b.method ? -1 : 1));
  return plain;
}

/** And without what only newer revisions have a place for: what is left must survive any translation. */
export const ofEveryRevision = (value) => ofOlderHost(without(value, (key) => !ofNewer.includes(key)));
