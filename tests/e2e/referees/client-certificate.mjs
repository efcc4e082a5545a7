// nginx that wants a client's certificate: with it everything works, without it the error is clear.
import { dogpipe } from '../lib/bridge.mjs';
import { compare, hosts, straight } from '../lib/compare.mjs';
import { certificates, everythingServer, nginx } from '../lib/parts.mjs';
import { assert, check, same } from '../lib/report.mjs';
import { refusal } from '../lib/raw.mjs';

export const needs = ['nginx', 'openssl'];
export const names = ['SDK 1, client certificate'];

export async function referee() {
  const server = await everythingServer();
  const tls = await certificates();
  const front = await nginx(server.port, tls, { clientCertificates: true });
  const base = ['--url', front.url, '--ca-cert', tls.ca];
  const [sdk1] = hosts;
  const wanted = await straight(sdk1, { url: server.url });
  const withIt = dogpipe([...base, '--client-cert', tls.clientCert, '--client-key', tls.clientKey]);
  await compare('SDK 1, client certificate', sdk1, withIt, wanted);
  await check('client certificate: the server saw whose it was', () => {
    const lines = front.requests();
    assert(lines.length > 20, `only ${lines.length} requests`);
    same(lines.filter((line) => !line.endsWith('CN=somebody')), []);
  });
  await check('client certificate: without one the error says so', async () => {
    const error = await refusal(dogpipe(base));
    assert([-31004, -31006].includes(error.code), `code ${error.code}`);
    assert(/certificate|HTTP 400|status 400/i.test(error.message + JSON.stringify(error.data)), JSON.stringify(error));
  });
  await front.stop();
  await server.stop();
}
