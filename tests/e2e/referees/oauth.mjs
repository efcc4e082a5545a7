// Signing in where every part but the bridge is somebody else's: oidc-provider gives out the tokens, the
// official SDK's resource server looks at them, the official SDK's client is the host in front.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { dogpipe } from '../lib/bridge.mjs';
import { leaves } from '../lib/compare.mjs';
import { approve, chain, greeting, scopes } from '../lib/oauth.mjs';
import { browser } from '../lib/parts.mjs';
import { freePort, run, start, throwAway } from '../lib/processes.mjs';
import { initialize } from '../lib/raw.mjs';
import { assert, check, same, until, within } from '../lib/report.mjs';
import { UserAgent } from '../lib/user_agent.mjs';
import * as direct from '../hosts/sdk-1-direct.mjs';
import * as sdk1 from '../hosts/sdk-1.mjs';

export const names = ['SDK 1, sign-in at oidc-provider'];

/** A user's machine: the state folder that all its bridges share, a browser, and all that was printed. */
class Machine {
  constructor({ url }) {
    this.where = ['--url', url, '--allow-http'];
    this.state = join(throwAway('state'), 'state');
    this.browser = browser();
    this.heard = [];
    machines.push(this);
  }

  #target(args) {
    return dogpipe(args, { env: { DOGPIPE_HOME: this.state, BROWSER: this.browser.setting } });
  }

  tabs() {
    return this.browser.opened().length;
  }

  async host() {
    const session = await sdk1.open(this.#target(this.where));
    this.heard.push(() => session.stderr() + JSON.stringify(session.incoming));
    return session;
  }

  /** A verb that waits for somebody. */
  begin(...args) {
    const { command, args: words, env } = this.#target(args);
    const program = start(command, words, { env });
    this.heard.push(() => program.out + program.err);
    return program;
  }

  async run(...args) {
    const { command, args: words, env } = this.#target(args);
    const how = await run(command, words, { env });
    this.heard.push(() => how.out + how.err);
    return how;
  }
}

const machines = [];

async function asks(session) {
  const { content } = await session.call({ name: 'whoami', arguments: {} });
  return content[0].text;
}

/** What the servers and the browser see of `act`: tabs, kinds of tokens given out. */
async function seen({ as }, machine, act) {
  const [tabs, grants] = [machine.tabs(), as.grants.length];
  const value = await act();
  return { value, tabs: machine.tabs() - tabs, grants: as.grants.slice(grants) };
}

const silently = { tabs: 0, grants: [] };
const byRefresh = { tabs: 0, grants: ['refresh_token'] };
const byBrowser = { tabs: 1, grants: ['authorization_code'] };

async function sees(it, machine, wanted, act) {
  const { value, ...got } = await seen(it, machine, act);
  same(got, wanted);
  return value;
}

// ---- the chain without a bridge: it must do by itself what is asked of it below

async function withoutBridge(it) {
  await check('sign-in without a bridge: the chain does what it should', async () => {
    const client = await direct.open(it.url);
    const asked = async () => (await client.callTool({ name: 'whoami', arguments: {} })).content[0].text;
    same(await asked(), greeting);
    it.expire();
    same(await asked(), greeting);
    same(it.as.grants, ['authorization_code', 'refresh_token']);
    await client.close();
  });
}

// ---- through the bridge

async function firstTime(it, machine) {
  const session = await check('sign-in: the first start opens one browser tab and connects', () =>
    sees(it, machine, byBrowser, () => machine.host()));
  if (!session) return false;
  await check('sign-in: the user ends at a page of the bridge, and the address does not show the code', async () => {
    const [{ ended, status }] = await until('the last page', () => machine.browser.ended()[0] && machine.browser.ended());
    const { hostname, searchParams } = new URL(ended);
    same([status, ['localhost', '127.0.0.1'].includes(hostname), searchParams.has('code')], [200, true, false]);
  });
  await check('sign-in: tool list and call', async () => {
    const { tools } = await session.client.listTools();
    same(tools.map(({ name }) => name), ['whoami']);
    same(await asks(session), greeting);
  });
  await check('sign-in: calls with an expired token work after one refresh', async () => {
    it.expire();
    const answers = await sees(it, machine, byRefresh, () => Promise.all(Array.from({ length: 20 }, () => asks(session))));
    same(new Set(answers).size, 1);
    same(answers[0], greeting);
  });
  await check('sign-in: a second expiry is repaired with the token that came with the first', async () => {
    it.expire();
    same(await sees(it, machine, byRefresh, () => asks(session)), greeting);
  });
  // It may have said where to sign in.
  await leaves('sign-in, SDK 1', session, /^(.* (INFO|WARN) .*\n)*$/);
  return true;
}

async function nextTime(it, machine) {
  await check('stored sign-in: initialize is answered after one HTTP request and no browser', () =>
    sees(it, machine, silently, async () => {
      const before = it.requests().length;
      const bridge = machine.begin(...machine.where);
      bridge.child.stdin.write(`${JSON.stringify(initialize)}\n`);
      const [line] = await bridge.ready('the answer', ({ out }) => /^.*\n/.exec(out));
      const requests = it.requests().length - before;
      bridge.child.stdin.end();
      await within(10, 'the bridge to leave', bridge.ended);
      same(JSON.parse(line).result?.serverInfo?.name, 'oauth-referee');
      same(requests, 1);
    }));
  await check('stored sign-in: a start with an expired token takes one refresh and no browser', async () => {
    it.expire();
    const session = await sees(it, machine, byRefresh, () => machine.host());
    same(await asks(session), greeting);
    await session.close();
  });
  await check('stored sign-in: nobody else can read it', () => {
    same((statSync(machine.state).mode & 0o777).toString(8), '700');
    same((statSync(join(machine.state, 'oauth_tokens.json')).mode & 0o777).toString(8), '600');
  });
}

async function sideBySide(it, machine) {
  await check('two bridges: a token that expires under both takes one refresh', async () => {
    const sessions = [await machine.host(), await machine.host()];
    it.expire();
    const answers = await sees(it, machine, byRefresh, () => Promise.all(sessions.map(asks)));
    same(answers, [greeting, greeting]);
    // What one has renewed, the other goes on with.
    it.expire();
    same(await sees(it, machine, byRefresh, () => asks(sessions[0])), greeting);
    same(await sees(it, machine, silently, () => asks(sessions[1])), greeting);
    await Promise.all(sessions.map((session) => session.close()));
  });
  await check('two bridges: both started on an expired token, one refresh', async () => {
    it.expire();
    const sessions = await sees(it, machine, byRefresh, () => Promise.all([machine.host(), machine.host()]));
    same(await Promise.all(sessions.map(asks)), [greeting, greeting]);
    await Promise.all(sessions.map((session) => session.close()));
  });
  await check('two bridges: both started without a sign-in, one browser tab', async () => {
    const another = new Machine(it);
    const sessions = await sees(it, another, byBrowser, () => Promise.all([another.host(), another.host()]));
    same(await Promise.all(sessions.map(asks)), [greeting, greeting]);
    await Promise.all(sessions.map((session) => session.close()));
  });
  await check('no refresh token was ever used twice, no request for tokens refused', () =>
    same([it.as.errors, it.as.revoked], [[], []]));
}

async function status(it, machine) {
  await check('status: says who is signed in where, for what and for how long', async () => {
    const { code, out } = await machine.run('status', '--json');
    same(code, 0);
    const { profiles } = JSON.parse(out);
    same(profiles.length, 1);
    const [entry] = profiles;
    const values = JSON.stringify(entry);
    assert(typeof entry.profile === 'string' && entry.profile, `no profile in ${values}`);
    for (const wanted of [it.url, it.as.issuer, ...scopes]) assert(values.includes(wanted), `no ${wanted} in ${values}`);
    assert(Object.keys(entry).some((key) => /expire/i.test(key)), `no expiry in ${values}`);
  });
}

async function logout(it, machine) {
  await check('logout: withdraws the tokens at the server', async () => {
    it.expire();
    await (await machine.host()).close();
    const last = it.as.refreshTokens.at(-1);
    assert(await it.as.knows(last), 'the provider does not know the last refresh token');
    const { code, out } = await machine.run('logout', '--json');
    same(code, 0);
    JSON.parse(out);
    assert(!(await it.as.knows(last)), 'the provider still takes the refresh token');
  });
  await check('logout: leaves nobody signed in', async () => {
    const { code, out } = await machine.run('status', '--json');
    same([code, JSON.parse(out).profiles], [3, []]);
  });
  await check('logout: the next start asks the user again', async () => {
    const session = await sees(it, machine, byBrowser, () => machine.host());
    same(await asks(session), greeting);
    await session.close();
  });
}

// ---- the command line

async function connectsSilently(it, machine) {
  const session = await sees(it, machine, silently, () => machine.host());
  same(await asks(session), greeting);
  await session.close();
}

async function byDevice(it) {
  const machine = new Machine(it);
  await check('login --device: the user signs in elsewhere', async () => {
    const login = machine.begin('login', '--device', ...machine.where, '--json');
    const ask = await login.ready('a line with the code', ({ out }) =>
      out.split('\n').slice(0, -1).map((line) => JSON.parse(line)).find((line) => line.verification_uri && line.user_code));
    const page = new URL(ask.verification_uri);
    page.searchParams.set('user_code', ask.user_code);
    same((await approve(page)).status, 200);
    const { code } = await within(30, 'login to end', login.ended);
    same([code, machine.tabs()], [0, 0]);
    await connectsSilently(it, machine);
  });
}

async function byLogin(it) {
  await check('login: opens one tab, and a bridge then needs none', async () => {
    const machine = new Machine(it);
    const { code } = await sees(it, machine, byBrowser, () => machine.run('login', ...machine.where, '--json'));
    same(code, 0);
    await connectsSilently(it, machine);
  });
  await check('login --no-browser: the user goes to the address it prints', async () => {
    const machine = new Machine(it);
    const login = machine.begin('login', '--no-browser', ...machine.where);
    const address = new RegExp(`${it.as.issuer}/auth\\?[^\\s"<>]+(?=[\\s"<>])`);
    const [url] = await login.ready('an address', ({ out, err }) => address.exec(out + err));
    same((await new UserAgent().visit(url)).status, 200);
    const { code } = await within(30, 'login to end', login.ended);
    same([code, machine.tabs()], [0, 0]);
    await connectsSilently(it, machine);
  });
  await check('login: a user who says no makes it end with 3', async () => {
    const machine = new Machine(it);
    it.as.refuses = true;
    const { code } = await machine.run('login', ...machine.where).finally(() => (it.as.refuses = false));
    same(code, 3);
  });
  await check('login: a server that is not there makes it end with 4', async () => {
    const { code } = await new Machine(it).run('login', '--url', `http://127.0.0.1:${await freePort()}/mcp`, '--allow-http');
    same(code, 4);
  });
  await check('login: an option that does not exist makes it end with 2', async () => {
    const machine = new Machine(it);
    const { code } = await machine.run('login', '--no-such-option', ...machine.where);
    same([code, machine.tabs()], [2, 0]);
  });
}

async function secrets({ as }) {
  await check('no token, code or secret of the provider was ever printed', () => {
    assert(as.secrets.size > 20, `only ${as.secrets.size} are known`);
    const text = machines.flatMap(({ heard }) => heard.map((hear) => hear())).join('\n');
    same([...as.secrets].filter((secret) => text.includes(secret)).length, 0);
  });
}

export async function referee() {
  const it = await chain();
  await withoutBridge(it);
  const machine = new Machine(it);
  if (await firstTime(it, machine)) {
    await nextTime(it, machine);
    await status(it, machine);
    await sideBySide(it, machine);
    await logout(it, machine);
  }
  await byLogin(it);
  await byDevice(it);
  await secrets(it);
  await it.stop();
}
