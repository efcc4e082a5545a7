// Runs the official conformance suite's client scenarios against the bridge, through driver.mjs: all,
// or those of the wires, hosts and scenarios that are named. A scenario passes when the suite finds no
// FAILURE and no WARNING, something was checked at all, the host's own conversation came to its end,
// the bridge kept to stdio's rules, and the user saw no more of the browser than was needed. The
// bridge is told nothing of wires or hosts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser } from '../e2e/lib/parts.mjs';
import { quietEnvironment, run, throwAway } from '../e2e/lib/processes.mjs';
import { closingLine, notOk, ok } from '../e2e/lib/report.mjs';
import { acts } from './acts.mjs';
import { groups, suite, version } from './scenarios.mjs';

const driver = join(dirname(fileURLToPath(import.meta.url)), 'driver.mjs');
const patience = 60;
const atOnce = 4;  // the suite takes its time to leave

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function tooMany(scenario, opened) {
  const { openings = 0 } = acts[scenario];
  return opened > openings ? [`the browser was opened ${opened} times, where ${openings} would do`] : [];
}

async function judge({ wire, host, force }, scenario) {
  if (!acts[scenario]) return ['the suite wants it, and there is no act for it'];
  const folder = throwAway('conformance');
  const reportFile = join(folder, 'report.json');
  // The suite runs the command through a shell and appends its URL.
  const command = `'${process.execPath}' '${driver}'`;
  const args = [suite, 'client', '--command', command, '--scenario', scenario, '--spec-version', wire,
    ...(force ? ['--force'] : []), '--timeout', String((patience - 10) * 1000), '--output-dir', folder];
  const { setting, opened } = browser();
  const env = quietEnvironment({
    CONFORMANCE_REPORT: reportFile, CONFORMANCE_HOST: host, DOGPIPE_HOME: join(folder, 'state'), BROWSER: setting,
  });
  const { code, out, err } = await run(process.execPath, args, { env, seconds: patience });

  const results = readdirSync(folder, { recursive: true }).find((name) => basename(name) === 'checks.json');
  const checks = (results && read(join(folder, results))) ?? [];
  const report = read(reportFile);
  const faults = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ status, id, name, errorMessage, description }) => `${status} ${id} ${name}: ${errorMessage ?? description}`);
  if (!checks.some(({ status }) => status === 'SUCCESS')) faults.push('the suite saw nothing to approve of');
  faults.push(...(report?.faults ?? ['the driver left no report']), ...tooMany(scenario, opened().length));
  if (code !== 0) faults.push(`the suite's exit code is ${code}`);
  if (faults.length === 0) return [];
  return [...faults, report?.stderr && `stderr of the bridge: ${report.stderr}`, !report && `${out}\n${err}`].filter(Boolean);
}

/** Whether it passed. */
async function passes(group, scenario) {
  const { wire, host } = group;
  const title = `conformance ${wire}, ${host} in front: ${scenario}`;
  const faults = await judge(group, scenario).catch((error) => [error.stack ?? String(error)]);
  if (faults.length === 0) ok(title);
  else notOk(title, faults.join('\n'));
  return faults.length === 0;
}

function wanted({ wire, host, names }, words) {
  const about = words.filter((word) => groups.some((group) => [group.wire, group.host].includes(word)));
  const scenarios = words.filter((word) => !about.includes(word));
  if (!about.every((word) => [wire, host].includes(word))) return [];
  return names.filter((name) => scenarios.length === 0 || scenarios.includes(name));
}

console.log(`# conformance suite ${version}`);
const score = { passed: 0, of: 0 };
for (const group of groups) {
  const names = wanted(group, process.argv.slice(2));
  const work = async () => {
    while (names.length > 0) {
      const passed = await passes(group, names.shift());
      if (!group.scored) continue;
      score.of++;
      if (passed) score.passed++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
console.log(`# of what the suite requires: ${score.passed} of ${score.of}`);
process.exit(closingLine());
