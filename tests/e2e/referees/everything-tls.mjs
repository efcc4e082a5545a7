// The everything-server behind nginx: TLS from a private authority, HTTP/2 and HTTP/1.1, by flag and by .env.
import { dogpipe } from '../lib/bridge.mjs';
import { compare, hosts, straight } from '../lib/compare.mjs';
import { certificates, everythingServer, nginx } from '../lib/parts.mjs';
import { assert, check, same } from '../lib/report.mjs';
import { refusal } from '../lib/raw.mjs';
import * as inspector from '../hosts/inspector.mjs';

export const needs = ['nginx', 'openssl'];
export const names = [...hosts, inspector].map(({ name }) => `${name}, TLS and HTTP/2`);

export async function referee() {
  const server = await everythingServer();
  const tls = await certificates();
  const front = await nginx(server.port, tls);
  const flags = ['--url', front.url, '--ca-cert', tls.ca];
  const dotenv = { DOGPIPE_URL: front.url, DOGPIPE_CA_CERT: tls.ca };
  for (const host of hosts) {
    const wanted = await straight(host, { url: server.url });
    await compare(`${host.name}, TLS and HTTP/2`, host, dogpipe(flags), wanted);
  }
  await check('TLS: every request so far went by HTTP/2', () => {
    const lines = front.requests();
    assert(lines.length > 100, `only ${lines.length} requests`);
    same(lines.filter((line) => !line.startsWith('HTTP/2.0 ')), []);
  });
  for (const [name, question] of Object.entries(inspector.questions)) {
    await check(`inspector, TLS and HTTP/2: ${name}`, async () =>
      same(await inspector.ask(dogpipe(flags), question), await inspector.ask({ url: server.url }, question)));
  }
  await check('inspector, TLS, everything by .env: echo', async () =>
    same(await inspector.ask(dogpipe([], { dotenv }), inspector.questions.echo), await inspector.ask({ url: server.url }, inspector.questions.echo)));

  const before = front.requests().length;
  const wanted = await straight(hosts[0], { url: server.url });
  await compare(`${hosts[0].name}, TLS and HTTP/1.1`, hosts[0], dogpipe([...flags, '--http1.1']), wanted);
  await check('TLS: --http1.1 makes every request HTTP/1.1', () => {
    const lines = front.requests().slice(before);
    assert(lines.length > 20, `only ${lines.length} requests`);
    same(lines.filter((line) => !line.startsWith('HTTP/1.1 ')), []);
  });
  await check('TLS: an authority nobody vouched for is refused before any request', async () => {
    const count = front.requests().length;
    const error = await refusal(dogpipe(['--url', front.url]));
    same(error.code, -31004);
    same(front.requests().length, count);
  });
  await front.stop();
  await server.stop();
}
