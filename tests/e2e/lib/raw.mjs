// A host of a few lines, for what an SDK hides: the exact error, stderr, the exit code.
import { start } from './processes.mjs';
import { assert, until, within } from './report.mjs';

export const initialize = {
  jsonrpc: '2.0', id: 1, method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'dogpipe-e2e', version: '1.0.0' } },
};

/** Says `messages`, waits until each request is answered, closes. Gives what came back, as values and as it is. */
export async function say(target, messages) {
  const bridge = start(target.command, target.args, { env: target.env });
  const lines = () => bridge.out.split('\n').slice(0, -1);
  const answers = () => lines().map((line) => JSON.parse(line));
  const answered = () => answers().filter((line) => line.result ?? line.error).length;
  try {
    for (const message of messages) bridge.child.stdin.write(`${JSON.stringify(message)}\n`);
    const wanted = messages.filter(({ id }) => id !== undefined).length;
    await until('every answer', () => bridge.gone || answered() >= wanted, 40);
    bridge.child.stdin.end();
    const { code } = await within(10, 'the bridge to leave', bridge.ended);
    return { code, err: bridge.err, answers: answers(), lines: lines() };
  } finally {
    if (!bridge.gone) await bridge.stop();
  }
}

/** What every request of 2026-07-28 says of itself. */
export const claim = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'dogpipe-e2e', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};

/** What a host of 2026-07-28 asks first. */
export const discover = { jsonrpc: '2.0', id: 'probe', method: 'server/discover', params: { _meta: claim } };

/** The error `initialize` ends in. */
export async function refusal(target) {
  const { answers, err, code } = await say(target, [initialize]);
  const answer = answers.find(({ id }) => id === initialize.id);
  assert(answer?.error, `no error but ${JSON.stringify(answers)}; exit code ${code}; stderr ${err}`);
  return answer.error;
}
