// Child processes: each is ended by its own pid, and none outlives this program.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { until, within } from './report.mjs';

const running = new Set();
const folders = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** A folder that goes when this program does. */
export function throwAway(what) {
  const folder = mkdtempSync(join(tmpdir(), `dogpipe-${what}-`));
  folders.add(folder);
  return folder;
}

/** The environment of every process here: a home of its own, and nobody asked or told anything. */
export function quietEnvironment(extra = {}) {
  const { PATH, LANG, TERM, DOGPIPE_BIN, ASAN_OPTIONS, UBSAN_OPTIONS } = process.env;
  const kept = { PATH, LANG, TERM, DOGPIPE_BIN, ASAN_OPTIONS, UBSAN_OPTIONS };
  for (const name in kept) if (kept[name] === undefined) delete kept[name];
  return {
    ...kept,
    HOME: throwAway('home'),
    NO_COLOR: '1',
    NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    DISABLE_TELEMETRY: '1',
    BROWSER: 'true',
    ...extra,
  };
}

/** Starts a program that serves until stopped. */
export function start(command, args, { env = quietEnvironment(), cwd } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  const service = { child, out: '', err: '', gone: undefined };
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text) => (service.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (service.err += text));
  service.ended = new Promise((resolve) => {
    child.on('error', (error) => resolve((service.gone = { error })));
    child.on('close', (code, signal) => resolve((service.gone = { code, signal })));
  }).then((how) => (running.delete(child), how));
  service.ready = (what, probe) =>
    until(what, () => {
      if (service.gone) throw new Error(`it ended: ${JSON.stringify(service.gone)} ${service.err}`);
      return probe(service);
    });
  service.stop = async () => {
    child.kill('SIGTERM');
    try {
      await within(5, command, service.ended);
    } catch {
      child.kill('SIGKILL');
      await service.ended;
    }
  };
  return service;
}

/** Runs a program to its end. */
export async function run(command, args, { env, input = '', seconds = 30 } = {}) {
  const program = start(command, args, { env });
  program.child.stdin.end(input);
  try {
    const how = await within(seconds, command, program.ended);
    if (how.error) throw how.error;
    return { ...how, out: program.out, err: program.err };
  } finally {
    if (!program.gone) await program.stop();
  }
}

export function found(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A port nobody had a moment ago: for programs that cannot be told to take any. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

/** Starts a service on a free port, on another one should somebody have been quicker. */
export async function startOnFreePort(what, begin) {
  let last;
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const service = begin(port);
    try {
      await service.ready(what, () => accepts(port));
      return Object.assign(service, { port });
    } catch (error) {
      last = error;
      await service.stop();
    }
  }
  throw last;
}
