// The project's sandbox, seen by clients that are not the project's: with keys, and with a token from .env.
import { dogpipe, dogpipeAtHome } from '../lib/bridge.mjs';
import { hosts, leaves } from '../lib/compare.mjs';
import { sandbox } from '../lib/parts.mjs';
import { assert, check, same } from '../lib/report.mjs';
import { refusal } from '../lib/raw.mjs';
import * as inspector from '../hosts/inspector.mjs';
import { argumentsFor, classic } from '../lib/classic.mjs';

export const names = [...hosts, inspector].map(({ name }) => `${name}, sandbox`);

const keys = { 'DD-API-KEY': 'sandbox-api-key', 'DD-APPLICATION-KEY': 'sandbox-application-key' };

async function everyTool(session) {
  const { tools } = await session.client.listTools();
  const answers = {};
  for (const name of classic) {
    const tool = tools.find((candidate) => candidate.name === name);
    assert(tool, `no tool ${name}`);
    answers[name] = await session.call({ name, arguments: argumentsFor(tool) });
  }
  return { tools, answers };
}

export async function referee() {
  const server = await sandbox();
  const base = ['--url', server.url, '--allow-http'];
  const ways = {
    'keys by environment': () =>
      dogpipe(base, { env: { DD_API_KEY: keys['DD-API-KEY'], DD_APPLICATION_KEY: keys['DD-APPLICATION-KEY'] } }),
    'token by .env at home': () => dogpipeAtHome(base, { DOGPIPE_TOKEN: 'sandbox-token' }),
  };
  for (const host of hosts) {
    const direct = await host.open({ url: server.url, headers: keys });
    const wanted = await everyTool(direct);
    await direct.close();
    for (const [way, target] of Object.entries(ways)) {
      const title = `${host.name}, sandbox, ${way}`;
      const session = await check(`${title}: connects`, () => host.open(target()));
      if (!session) continue;
      const got = await check(`${title}: the fifteen tools answer`, () => everyTool(session));
      if (got) {
        await check(`${title}: tool list`, () => same(got.tools, wanted.tools));
        for (const name of classic) {
          await check(`${title}: ${name}`, () => {
            assert(!wanted.answers[name].isError, `the sandbox refused: ${JSON.stringify(wanted.answers[name])}`);
            same(got.answers[name], wanted.answers[name]);
          });
        }
      }
      await leaves(title, session);
    }
  }
  await check('inspector, sandbox, keys by .env: search_logs', async () => {
    const dotenv = { DOGPIPE_URL: server.url, DOGPIPE_ALLOW_HTTP: '1', DD_API_KEY: keys['DD-API-KEY'], DD_APPLICATION_KEY: keys['DD-APPLICATION-KEY'] };
    const question = ['--method', 'tools/call', '--tool-name', 'search_logs', '--tool-args-json',
      JSON.stringify({ query: 'status:error', telemetry: { intent: 'see the inspector get an answer' } })];
    const { content, isError } = await inspector.ask(dogpipe([], { dotenv }), question);
    assert(!isError && content?.[0]?.text, 'no text came');
  });
  await check('sandbox: without a credential the error says what to do', async () => {
    const error = await refusal(dogpipe(base));
    same(error.code, -31001);
  });
  await server.stop();
}
