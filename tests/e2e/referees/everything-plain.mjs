// The official everything-server on plain HTTP behind, every host in front.
import { dogpipe } from '../lib/bridge.mjs';
import { compare, hosts, straight } from '../lib/compare.mjs';
import { everythingServer } from '../lib/parts.mjs';
import { discover, initialize, say } from '../lib/raw.mjs';
import { check, same } from '../lib/report.mjs';
import * as inspector from '../hosts/inspector.mjs';

export const names = [...hosts, inspector].map(({ name }) => `${name}, plain HTTP`);

export async function referee() {
  const server = await everythingServer();
  const arguments_ = ['--url', server.url, '--allow-http'];
  for (const host of hosts) {
    const wanted = await straight(host, { url: server.url });
    await compare(`${host.name}, plain HTTP`, host, dogpipe(arguments_), wanted);
  }
  for (const [name, question] of Object.entries(inspector.questions)) {
    await check(`inspector, plain HTTP: ${name}`, async () =>
      same(await inspector.ask(dogpipe(arguments_), question), await inspector.ask({ url: server.url }, question)));
  }
  await check('a probe for a newer revision is declined, and the older handshake follows on the same pipe', async () => {
    const { answers, code } = await say(dogpipe(arguments_), [discover, initialize]);
    same(answers.find(({ id }) => id === 'probe')?.error?.code, -32601);
    same(answers.find(({ id }) => id === initialize.id)?.result?.protocolVersion, '2025-11-25');
    same(code, 0);
  });
  await server.stop();
}
