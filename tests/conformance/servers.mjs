// Runs the official conformance suite's server scenarios twice: against a server, and against the same
// server with the bridge in between. Whatever the suite approves of directly it must approve of then.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dogpipe } from '../e2e/lib/bridge.mjs';
import { run, throwAway } from '../e2e/lib/processes.mjs';
import { assert, check, closingLine, same } from '../e2e/lib/report.mjs';
import { servers } from '../e2e/lib/servers.mjs';
import { face } from './face.mjs';
import { required, suite, version } from './scenarios.mjs';

/** About status codes, header fields and the number of streams, of which stdio has none. */
const ofHttpAlone = ['server-stateless', 'server-sse-multiple-streams', 'dns-rebinding-protection'];

const wires = { '2025-11-25': 'SDK 1', '2026-07-28': 'SDK 2 modern' };

const atOnce = 4;  // the suite takes its time to leave

/** What the suite approves of, by scenario: one line a check. */
async function approved(url, ...which) {
  const folder = throwAway('scenarios');
  await run(process.execPath, [suite, 'server', '--url', url, ...which, '--output-dir', folder], { seconds: 50 });
  return (scenario) => {
    const results = readdirSync(folder).find((name) => name.startsWith(`server-${scenario}-20`));
    assert(results, 'the suite left no results');
    return JSON.parse(readFileSync(join(folder, results, 'checks.json'), 'utf8'))
      .filter(({ status }) => status === 'SUCCESS')
      .map(({ id, name }) => `${id} ${name}`)
      .sort();
  };
}

async function compare(wire, server) {
  const directly = await approved(server.url, '--requirements', wire);
  const scenarios = required(wire, 'server').filter((name) => !ofHttpAlone.includes(name));
  const judge = (scenario) =>
    check(`server scenarios ${wire}, bridge in between: ${scenario}`, async () => {
      const wanted = directly(scenario);
      assert(wanted.length > 0, 'nothing to approve of, not even directly');
      const bridged = await face(dogpipe(['--url', server.url, '--allow-http']));
      const through = await approved(bridged.url, '--scenario', scenario, '--spec-version', wire);
      for (const how of await bridged.end()) same(how, { code: 0, signal: null });
      same(through(scenario).filter((line) => wanted.includes(line)), wanted);
    });
  const worker = async () => {
    while (scenarios.length > 0) await judge(scenarios.shift());
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

console.log(`# conformance suite ${version}, server scenarios`);
for (const [wire, at] of Object.entries(wires)) {
  if (process.argv.length > 2 && !process.argv.includes(wire)) continue;
  const server = await servers[at]('suite');
  await compare(wire, server);
  await server.stop();
}
process.exit(closingLine());
