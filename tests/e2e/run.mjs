// Runs every referee in referees/, or those whose file name contains an argument. A referee is one
// file: `names` (who plays, for the list of the skipped), `needs` (commands), `referee()`.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { found } from './lib/processes.mjs';
import { closingLine, notOk, skip, within } from './lib/report.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'referees');
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

for (const file of files) {
  const { names, needs = [], referee } = await import(pathToFileURL(join(folder, file)));
  const missing = needs.filter((command) => !found(command));
  if (missing.length) {
    for (const name of names) skip(name, `no ${missing.join(', no ')}`);
    continue;
  }
  const began = Date.now();
  try {
    await within(240, file, referee());
  } catch (error) {
    notOk(`${file}: runs to its end`, error?.stack ?? error);
  }
  console.log(`# ${file}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
if (files.length === 0) notOk('referees', 'none found');
process.exit(closingLine());
