// Runs the official conformance suite's client scenarios against the bridge, through driver.mjs. A
// scenario passes when the suite finds no FAILURE and no WARNING, something was checked at all, the
// host's own conversation came to its end, and the bridge kept to stdio's rules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { script } from '../e2e/lib/parts.mjs';
import { quietEnvironment, run, throwAway } from '../e2e/lib/processes.mjs';
import { closingLine, notOk, ok } from '../e2e/lib/report.mjs';
import { scenarios } from './scenarios.mjs';

const driver = join(dirname(fileURLToPath(import.meta.url)), 'driver.mjs');
const suite = script('@modelcontextprotocol/conformance', 'conformance');
const patience = 60;

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

async function judge(wire, scenario) {
  const folder = throwAway('conformance');
  const reportFile = join(folder, 'report.json');
  // The suite runs the command through a shell and appends its URL.
  const command = `'${process.execPath}' '${driver}'`;
  const args = [suite, 'client', '--command', command, '--scenario', scenario, '--spec-version', wire,
    '--timeout', String((patience - 10) * 1000), '--output-dir', folder];
  const env = quietEnvironment({ CONFORMANCE_REPORT: reportFile, DOGPIPE_HOME: join(folder, 'state') });
  const { code, out, err } = await run(process.execPath, args, { env, seconds: patience });

  const results = readdirSync(folder).map((name) => join(folder, name, 'checks.json')).find(existsSync);
  const checks = (results && read(results)) ?? [];
  const report = read(reportFile);
  const faults = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ status, id, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`);
  if (!checks.some(({ status }) => status === 'SUCCESS')) faults.push('the suite saw nothing to approve of');
  faults.push(...(report?.faults ?? ['the driver left no report']));
  if (code !== 0) faults.push(`the suite's exit code is ${code}`);
  if (faults.length === 0) return [];
  return [...faults, report?.stderr && `stderr of the bridge: ${report.stderr}`, !report && `${out}\n${err}`].filter(Boolean);
}

const { version } = createRequire(import.meta.url)(join(dirname(suite), '..', 'package.json'));
console.log(`# conformance suite ${version}`);
const only = process.argv.slice(2);
for (const [wire, names] of Object.entries(scenarios)) {
  for (const scenario of names.filter((name) => only.length === 0 || only.includes(name))) {
    const title = `conformance ${wire}: ${scenario}`;
    const faults = await judge(wire, scenario).catch((error) => [error.stack ?? String(error)]);
    if (faults.length === 0) ok(title);
    else notOk(title, faults.join('\n'));
  }
}
process.exit(closingLine());
