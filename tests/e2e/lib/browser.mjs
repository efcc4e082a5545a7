// The program named by BROWSER: a browser whose user always says yes. It goes all the way to the
// loopback callback and to the page shown at the end, then leaves.
// Usage: browser.mjs [--note FILE] URL; FILE gets a line of JSON when it is opened, and one at the end.
import { appendFileSync } from 'node:fs';
import { UserAgent } from './user_agent.mjs';

const url = process.argv.at(-1);
const file = process.argv.indexOf('--note') + 1;

function note(event) {
  if (file > 0) appendFileSync(process.argv[file], `${JSON.stringify(event)}\n`);
}

note({ opened: url });
const { url: where, status } = await new UserAgent().visit(url);
note({ ended: where, status });
process.exit(0);
