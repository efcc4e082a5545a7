// Runs the official conformance suite's client scenarios against the bridge, through driver.mjs; those
// that are named, or all. A scenario passes when the suite finds no FAILURE and no WARNING, something
// was checked at all, the host's own conversation came to its end, the bridge kept to stdio's rules,
// and the user saw no more of the browser than was needed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser, script } from '../e2e/lib/parts.mjs';
import { quietEnvironment, run, throwAway } from '../e2e/lib/processes.mjs';
import { closingLine, notOk, ok } from '../e2e/lib/report.mjs';
import { acts } from './acts.mjs';
import { scenarios } from './scenarios.mjs';

const driver = join(dirname(fileURLToPath(import.meta.url)), 'driver.mjs');
const suite = script('@modelcontextprotocol/conformance', 'conformance');
const patience = 60;

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function tooMany(scenario, opened) {
  const { openings = 0 } = acts[scenario] ?? {};
  return opened > openings ? [`the browser was opened ${opened} times, where ${openings} would do`] : [];
}

async function judge({ wire, force }, scenario) {
  const folder = throwAway('conformance');
  const reportFile = join(folder, 'report.json');
  // The suite runs the command through a shell and appends its URL.
  const command = `'${process.execPath}' '${driver}'`;
  const args = [suite, 'client', '--command', command, '--scenario', scenario, '--spec-version', wire,
    ...(force ? ['--force'] : []), '--timeout', String((patience - 10) * 1000), '--output-dir', folder];
  const { setting, opened } = browser();
  const env = quietEnvironment({ CONFORMANCE_REPORT: reportFile, DOGPIPE_HOME: join(folder, 'state'), BROWSER: setting });
  const { code, out, err } = await run(process.execPath, args, { env, seconds: patience });

  const results = readdirSync(folder, { recursive: true }).find((name) => basename(name) === 'checks.json');
  const checks = (results && read(join(folder, results))) ?? [];
  const report = read(reportFile);
  const faults = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ status, id, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`);
  if (!checks.some(({ status }) => status === 'SUCCESS')) faults.push('the suite saw nothing to approve of');
  faults.push(...(report?.faults ?? ['the driver left no report']), ...tooMany(scenario, opened().length));
  if (code !== 0) faults.push(`the suite's exit code is ${code}`);
  if (faults.length === 0) return [];
  return [...faults, report?.stderr && `stderr of the bridge: ${report.stderr}`, !report && `${out}\n${err}`].filter(Boolean);
}

/** Those that end in a refusal mostly wait for it: they do that side by side. */
const waits = (scenario) => acts[scenario] && !acts[scenario].act;

async function say(group, scenario, verdict) {
  const title = `conformance ${group.wire}: ${scenario}`;
  const faults = await verdict.catch((error) => [error.stack ?? String(error)]);
  if (faults.length === 0) ok(title);
  else notOk(title, faults.join('\n'));
}

const { version } = createRequire(import.meta.url)(join(dirname(suite), '..', 'package.json'));
console.log(`# conformance suite ${version}`);
const only = process.argv.slice(2);
for (const group of scenarios) {
  const names = group.names.filter((name) => only.length === 0 || only.includes(name));
  for (const name of names.filter((name) => !waits(name))) await say(group, name, judge(group, name));
  const waiting = names.filter(waits).map((name) => [name, judge(group, name)]);
  for (const [name, verdict] of waiting) await say(group, name, verdict);
}
process.exit(closingLine());
