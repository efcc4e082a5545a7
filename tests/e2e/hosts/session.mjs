// An open conversation, the same for every generation of the SDK.
import { within } from '../lib/report.mjs';

export const who = { name: 'dogpipe-e2e', version: '1.0.0' };
export const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } };

const accepted = { name: 'Ada', check: true, integer: 7, number: 0.1 };
const answers = {
  'sampling/createMessage': () => ({
    role: 'assistant', model: 'nobody', stopReason: 'endTurn', content: { type: 'text', text: 'Grüße — 你好 \u2028 "\\"' },
  }),
  'elicitation/create': ({ mode }) => ({ action: 'accept', ...(mode !== 'url' && { content: accepted }) }),
  'roots/list': () => ({ roots: [{ uri: 'file:///srv/a%20b', name: 'a b' }] }),
};

/** Has `register(method, handler)` answer every question a server may ask; gives the list of those it asked. */
export function answering(register) {
  const asked = [];
  for (const [method, answer] of Object.entries(answers)) {
    register(method, ({ params = {} }) => {
      asked.push({ method, params });
      return answer(params);
    });
  }
  return asked;
}

export async function session(client, transport, call, { asked, connecting }) {
  let stderr = '';
  const complaints = [];
  transport.stderr?.on('data', (bytes) => (stderr += bytes));
  client.onerror = (error) => complaints.push(String(error));
  const incoming = [];
  try {
    await within(30, 'connect', client.connect(transport, connecting));
  } catch (error) {
    await client.close();
    error.message += stderr && `; stderr: ${stderr}`;
    throw error;
  }
  // What arrives is noted before the SDK sees it: the SDK forgets progress that comes together
  // with the answer it belongs to.
  const deliver = transport.onmessage;
  transport.onmessage = (message, ...rest) => {
    incoming.push(message);
    deliver.call(transport, message, ...rest);
  };
  const child = transport._process;  // no public way to the exit code
  return {
    client,
    call,
    incoming,
    asked,
    stderr: () => stderr,
    // Progress in the same read as its answer is a stranger to the SDK; that is not the bridge's doing.
    complaints: () => complaints.filter((text) => !/progress notification for an unknown token/.test(text)),
    /** How the bridge ended once the host closed its input; for a direct session nothing. */
    async close() {
      const began = Date.now();
      await within(10, 'close', client.close());
      return child && { code: child.exitCode, signal: child.signalCode, milliseconds: Date.now() - began };
    },
  };
}
