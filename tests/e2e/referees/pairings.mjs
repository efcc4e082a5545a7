// Who may meet whom through the bridge: clients of both generations and the inspector, before servers
// of both generations. Each pair lists the tools and calls one; where both can, the server asks back.
import { dogpipe } from '../lib/bridge.mjs';
import { leaves } from '../lib/compare.mjs';
import { ofEveryRevision } from '../lib/every_feature.mjs';
import { check, same } from '../lib/report.mjs';
import { servers } from '../lib/servers.mjs';
import * as auto from '../hosts/client-2-auto.mjs';
import * as inspector from '../hosts/inspector.mjs';
import * as sdk1 from '../hosts/sdk-1.mjs';
import { handlers } from '../servers/content.mjs';

const sessions = [auto, sdk1];
const titleOf = (host, at) => `pairing: ${host.name} with ${at}`;
export const names = Object.keys(servers).flatMap((at) => [...sessions, inspector].map((host) => titleOf(host, at)));

/** What the client that asks first comes to speak with each. */
const eras = { 'SDK 1': 'legacy', 'SDK 2 modern': 'modern', 'SDK 2 dual': 'modern', 'SDK 2 stateless': 'modern' };

/** Where no question can cross, and why. */
function mute(host, at) {
  // The server would have to send a request, and to hosts of 2025 it has no stream for any.
  return host === sdk1 && at === 'SDK 2 stateless';
}

const content = (text) => [{ type: 'text', text }];
const form = '{"form":{"action":"accept","content":{"check":true,"integer":7,"name":"Ada","number":0.1}}}';
const page = '{"url":{"action":"accept"}}';

async function sessionOf(host, at, url) {
  const title = titleOf(host, at);
  const session = await check(`${title}: connects`, () => host.open(dogpipe(['--url', url, '--allow-http'])));
  if (!session) return;
  const call = (name, given = {}) => session.call({ name, arguments: given });
  if (host === auto) await check(`${title}: speaks what both do`, () => same(session.client.getProtocolEra(), eras[at]));
  await check(`${title}: lists the tools`, async () =>
    same(ofEveryRevision(await session.client.listTools()), handlers['tools/list']()));
  await check(`${title}: calls one`, async () => same((await call('echo', { message: 'hi — 你好' })).content, content('hi — 你好')));
  if (!mute(host, at)) {
    await check(`${title}: is asked for a form`, async () => {
      same((await call('ask-form')).content, content(form));
      same(session.asked.map(({ method, params }) => [method, params.mode]), [['elicitation/create', 'form']]);
    });
    await check(`${title}: is asked to look at a page`, async () => {
      same((await call('ask-url')).content, content(page));
      same(session.asked.at(-1).params.url, 'https://example.com/a%20b?c=d&e=%C3%A9');
    });
  }
  await leaves(title, session);
}

/** It is no host that can be asked: from older servers it takes the question and cancels, as it does directly. */
async function inspected(at, url) {
  const title = titleOf(inspector, at);
  const ask = (...question) => inspector.ask(dogpipe(['--url', url, '--allow-http']), ['--method', ...question]);
  await check(`${title}: lists the tools`, async () => same(ofEveryRevision(await ask('tools/list')), handlers['tools/list']()));
  await check(`${title}: calls one`, async () =>
    same((await ask('tools/call', '--tool-name', 'echo', '--tool-arg', 'message=hi')).content, content('hi')));
  if (at === 'SDK 1') {
    await check(`${title}: cancels a form`, async () =>
      same((await ask('tools/call', '--tool-name', 'ask-form')).content, content('{"form":{"action":"cancel"}}')));
  }
}

export async function referee() {
  for (const [at, start] of Object.entries(servers)) {
    const server = await start();
    for (const host of sessions) await sessionOf(host, at, server.url);
    await inspected(at, server.url);
    await server.stop();
  }
}
