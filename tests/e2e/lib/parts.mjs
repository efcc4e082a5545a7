// What stands behind the bridge: the official everything-server, nginx, tinyproxy, a throw-away CA,
// and the project's own sandbox. And beside it, a browser.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { run, start, startOnFreePort, throwAway } from './processes.mjs';
import { assert } from './report.mjs';

const require = createRequire(import.meta.url);

/** The script a package puts on the PATH; its package.json need not be exported. */
export function script(packageName, bin) {
  for (const folder of require.resolve.paths(packageName)) {
    const home = join(folder, packageName);
    try {
      return join(home, JSON.parse(readFileSync(join(home, 'package.json'))).bin[bin]);
    } catch {
      continue;
    }
  }
  throw new Error(`${packageName} is not installed`);
}

export async function everythingServer() {
  const preload = join(dirname(fileURLToPath(import.meta.url)), 'loopback.mjs');
  const program = script('@modelcontextprotocol/server-everything', 'mcp-server-everything');
  const service = start(process.execPath, ['--import', preload, program, 'streamableHttp'], {
    env: { PATH: process.env.PATH, HOME: throwAway('home'), PORT: '0' },
  });
  const [, port] = await service.ready('the everything-server', ({ err }) => /loopback port (\d+)/.exec(err));
  return Object.assign(service, { port: Number(port), url: `http://127.0.0.1:${port}/mcp` });
}

export async function sandbox(...switches) {
  const program = process.env.DOGPIPE_SANDBOX_BIN;
  assert(program, 'DOGPIPE_SANDBOX_BIN is not set');
  const service = start(program, ['--port', '0', ...switches]);
  const [, url] = await service.ready('the sandbox', ({ out }) => /^(http:\S+)\n/.exec(out));
  return Object.assign(service, { url });
}

/** A certificate authority of a few minutes, a server certificate for localhost, one for a client. */
export async function certificates() {
  const folder = throwAway('ca');
  const at = (name) => join(folder, name);
  const openssl = async (...args) => {
    const { code, err } = await run('openssl', args);
    assert(code === 0, `openssl ${args[0]}: ${err}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=dogpipe throw-away CA',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  const issue = async (name, subject, extensions) => {
    writeFileSync(at(`${name}.ext`), extensions);
    await openssl('req', ...key, '-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    await openssl('x509', '-req', '-days', '2', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'),
      '-CAcreateserial', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`));
  };
  await issue('server', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  await issue('client', '/CN=somebody', 'extendedKeyUsage=clientAuth\n');
  return { ca: at('ca.pem'), cert: at('server.pem'), key: at('server.key'), clientCert: at('client.pem'), clientKey: at('client.key') };
}

/** nginx with TLS and HTTP/2 before `upstream` (a port). `requests()` are the lines of its access log. */
export async function nginx(upstream, tls, { clientCertificates = false } = {}) {
  const folder = throwAway('nginx');
  const log = join(folder, 'access.log');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  const asRoot = process.getuid() === 0 ? 'user root;' : '';
  const verify = clientCertificates ? `ssl_client_certificate ${tls.ca}; ssl_verify_client on;` : '';
  const configuration = (port) => `
    ${asRoot} daemon off; master_process off; pid ${folder}/pid; error_log stderr;
    events { worker_connections 512; }
    http {
      ${temp.join(' ')}
      log_format short '$server_protocol $request_method $status $ssl_client_s_dn';
      access_log ${log} short;
      server {
        listen 127.0.0.1:${port} ssl http2;
        ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key}; ${verify}
        location / {
          proxy_pass http://127.0.0.1:${upstream};
          proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering off; proxy_read_timeout 1h;
        }
      }
    }`;
  const service = await startOnFreePort('nginx', (port) => {
    writeFileSync(join(folder, 'nginx.conf'), configuration(port));
    return start('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]);
  });
  const requests = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return Object.assign(service, { url: `https://localhost:${service.port}/mcp`, requests });
}

/** tinyproxy that wants a name and a password. `connections()` are the CONNECT lines of its log. */
export async function tinyproxy({ user, password }) {
  const folder = throwAway('tinyproxy');
  const log = join(folder, 'log');
  const service = await startOnFreePort('tinyproxy', (port) => {
    writeFileSync(join(folder, 'conf'), [
      `Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'Timeout 600', 'MaxClients 50', 'LogLevel Connect',
      `LogFile "${log}"`, `PidFile "${folder}/pid"`, `BasicAuth ${user} ${password}`, '',
    ].join('\n'));
    return start('tinyproxy', ['-d', '-c', join(folder, 'conf')]);
  });
  const connections = () => readFileSync(log, 'utf8').split('\n').filter((line) => /Request .*CONNECT /.test(line));
  return Object.assign(service, { address: `127.0.0.1:${service.port}`, connections });
}

/**
 * A stand-in for the user's browser. `setting` goes into BROWSER; `opened()` are the URLs so far,
 * `ended()` the pages it stopped at, as { ended, status }.
 */
export function browser() {
  const folder = throwAway('browser');
  const note = join(folder, 'opened');
  const words = [process.execPath, join(dirname(fileURLToPath(import.meta.url)), 'browser.mjs'), '--note', note];
  const notes = () => (existsSync(note) ? readFileSync(note, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : []);
  const opened = () => notes().map((event) => event.opened).filter(Boolean);
  const ended = () => notes().filter((event) => event.ended);
  // BROWSER is split at spaces, and at colons before that: such paths need a file of their own.
  if (!words.some((word) => /[\s:%]/.test(word))) return { setting: words.join(' '), opened, ended };
  const wrapper = join(folder, 'browser');
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  return { setting: wrapper, opened, ended };
}
