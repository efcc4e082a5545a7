// One long conversation with the everything-server. Had twice, straight over HTTP and through the
// bridge, it must come out the same, word for word.
import { within } from './report.mjs';

/** Everything of `kind` that arrived while `act` ran, with its answer. */
export async function watched(session, methods, act) {
  const from = session.incoming.length;
  const result = await act();
  const seen = session.incoming.slice(from).filter(({ method }) => methods.includes(method));
  return { seen: seen.map(({ method, params }) => ({ method, params })), result };
}

export const call = (name, args = {}) => (session) => session.call({ name, arguments: args });
const hard = 'Grüße, 你好, \u2028\u2029, "quoted\\", \u0000\u001f, 🐕, ' + 'x'.repeat(70_000);

export const steps = {
  'what the server says of itself': ({ client }) => ({
    info: client.getServerVersion(), capabilities: client.getServerCapabilities(), instructions: client.getInstructions(),
    revision: client.getNegotiatedProtocolVersion?.(),
  }),
  ping: ({ client }) => client.ping(),
  'tool list': ({ client }) => client.listTools(),
  echo: call('echo', { message: 'hi' }),
  'echo of hard text': call('echo', { message: hard }),
  sum: call('get-sum', { a: 0.1, b: 0.2 }),
  'structured content': call('get-structured-content', { location: 'Chicago' }),
  image: call('get-tiny-image'),
  annotations: call('get-annotated-message', { messageType: 'error', includeImage: true }),
  'resource links': call('get-resource-links', { count: 3 }),
  'a tool that is not there': call('no-such-tool'),
  'arguments of the wrong kind': call('get-sum', { a: 'one', b: [] }),
  'progress of a long call': (session) =>
    watched(session, ['notifications/progress'], () =>
      session.call({ name: 'trigger-long-running-operation', arguments: { duration: 0.4, steps: 4 } }, { onprogress() {} })),
  sampling: (session) =>
    watched(session, ['sampling/createMessage'], () =>
      session.call({ name: 'trigger-sampling-request', arguments: { prompt: 'say something', maxTokens: 9 } })),
  elicitation: (session) =>
    watched(session, ['elicitation/create'], () => session.call({ name: 'trigger-elicitation-request', arguments: {} })),
  'forty calls at once': (session) =>
    Promise.all(Array.from({ length: 40 }, (_, n) => session.call({ name: 'echo', arguments: { message: `number ${n}` } }))),
  'resource list': ({ client }) => client.listResources(),
  'resource templates': ({ client }) => client.listResourceTemplates(),
  'a resource': ({ client }) => client.readResource({ uri: 'demo://resource/static/document/features.md' }),
  'a resource that is not there': ({ client }) =>
    client.readResource({ uri: 'demo://nowhere' }).then(() => 'read', ({ code, message }) => ({ code, message })),
  'prompt list': ({ client }) => client.listPrompts(),
  'a prompt': ({ client }) => client.getPrompt({ name: 'args-prompt', arguments: { city: 'Köln', state: 'NRW' } }),
  'a completion': ({ client }) =>
    client.complete({ ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'S' } }),
  'a log level': ({ client }) => client.setLoggingLevel('warning'),
  // Last, because the server asks for the roots on its own stream, which takes a moment to open.
  roots: call('get-roots-list'),
};

/** What each step of `table` came to; a step that throws comes to its error. */
export async function converse(session, table = steps) {
  const results = {};
  for (const [name, step] of Object.entries(table)) {
    try {
      results[name] = { value: await within(20, name, step(session)) };
    } catch (error) {
      results[name] = { error: `${error.code ?? ''} ${error.message}` };
    }
  }
  return results;
}
