// How a host is told to start dogpipe: command, arguments, environment. DOGPIPE_BIN names the binary.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietEnvironment, throwAway } from './processes.mjs';
import { assert } from './report.mjs';

/**
 * A target for a host. `dotenv` becomes lines of the .env file in the state folder, which hosts that
 * drop the environment leave as the only way to hand over a setting.
 */
export function dogpipe(args, { dotenv = {}, env = {} } = {}) {
  const state = join(throwAway('state'), 'state');
  fill(state, dotenv);
  return target(args, { DOGPIPE_HOME: state, ...env });
}

/** The same with nothing in the environment: the state folder is where it is for everybody. */
export function dogpipeAtHome(args, dotenv) {
  const home = throwAway('home');
  fill(join(home, '.datadog-mcp'), dotenv);
  return target(args, { HOME: home });
}

function target(args, env) {
  const command = process.env.DOGPIPE_BIN;
  assert(command, 'DOGPIPE_BIN is not set');
  return { command, args, env: quietEnvironment(env) };
}

function fill(state, dotenv) {
  mkdirSync(state, { mode: 0o700 });
  const lines = Object.entries(dotenv).map(([name, value]) => `${name}=${value}\n`);
  if (lines.length) writeFileSync(join(state, '.env'), lines.join(''), { mode: 0o600 });
}
