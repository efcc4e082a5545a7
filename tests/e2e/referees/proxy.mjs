// Out through tinyproxy, which wants a name and a password, to nginx with TLS: set by flag and by .env.
import { dogpipe } from '../lib/bridge.mjs';
import { compare, hosts, straight } from '../lib/compare.mjs';
import { certificates, everythingServer, nginx, tinyproxy } from '../lib/parts.mjs';
import { assert, check, same } from '../lib/report.mjs';
import { refusal } from '../lib/raw.mjs';
import * as inspector from '../hosts/inspector.mjs';

export const needs = ['tinyproxy', 'nginx', 'openssl'];
export const names = ['SDK 1, proxy by flag', 'client 2, proxy by .env', 'inspector, proxy by .env'];

export async function referee() {
  const server = await everythingServer();
  const tls = await certificates();
  const front = await nginx(server.port, tls);
  const proxy = await tinyproxy({ user: 'ada', password: 'sesame' });
  const base = ['--url', front.url, '--ca-cert', tls.ca];
  const right = `http://ada:sesame@${proxy.address}`;
  // One line, which does not show the password itself.
  const passwordSeen = /^(?!.*sesame).* WARN .*--proxy: use DOGPIPE_PROXY instead\n$/;
  const byDotenv = () => dogpipe(base, { dotenv: { HTTPS_PROXY: right } });

  const went = async (title, how) => {
    const before = proxy.connections().length;
    await how();
    await check(`${title}: went through the proxy`, () =>
      assert(proxy.connections().length > before, 'the proxy saw no new CONNECT'));
  };
  const [sdk1, client2] = hosts;
  await went('SDK 1, proxy by flag', async () =>
    compare('SDK 1, proxy by flag', sdk1, dogpipe([...base, '--proxy', right]), await straight(sdk1, { url: server.url }), { warning: passwordSeen }));
  await went('client 2, proxy by .env', async () =>
    compare('client 2, proxy by .env', client2, byDotenv(), await straight(client2, { url: server.url })));
  await went('inspector, proxy by .env', () =>
    check('inspector, proxy by .env: echo', async () =>
      same(await inspector.ask(byDotenv(), inspector.questions.echo), await inspector.ask({ url: server.url }, inspector.questions.echo))));

  await check('proxy: a wrong password is said without showing it', async () => {
    const count = front.requests().length;
    const error = await refusal(dogpipe([...base, '--proxy', `http://ada:open@${proxy.address}`]));
    same(error.code, -31005);
    assert(!JSON.stringify(error).includes(':open@'), 'the error shows the password');
    same(front.requests().length, count);
  });
  await check('proxy: NO_PROXY goes round it', async () => {
    const before = proxy.connections().length;
    const target = dogpipe([...base, '--proxy', right, '--no-proxy', 'localhost']);
    await inspector.ask(target, inspector.questions.echo);
    same(proxy.connections().length, before);
  });
  await proxy.stop();
  await front.stop();
  await server.stop();
}
