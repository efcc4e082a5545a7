// One line a check: `ok NAME`, `not ok NAME`, `skip NAME (why)`. check.sh adds them up.
import { isDeepStrictEqual } from 'node:util';

const counts = { passed: 0, failed: 0, skipped: 0 };

export function ok(name) {
  counts.passed++;
  console.log(`ok ${name}`);
}

export function notOk(name, why) {
  counts.failed++;
  console.log(`not ok ${name}`);
  for (const line of String(why).split('\n').slice(0, 40)) console.log(`#   ${line.slice(0, 400)}`);
}

export function skip(name, why) {
  counts.skipped++;
  console.log(`skip ${name} (${why})`);
}

/** Runs `body`; the check passes unless it throws. Resolves to what `body` gave, or undefined. */
export async function check(name, body, seconds = 60) {
  try {
    const value = await within(seconds, name, Promise.resolve().then(body));
    ok(name);
    return value;
  } catch (error) {
    notOk(name, error instanceof Unmet ? error.message : (error?.stack ?? error));
    return undefined;
  }
}

/** Not as it should be: the message says it all, where in our own code it was noticed does not matter. */
class Unmet extends Error {}

export function assert(condition, message) {
  if (!condition) throw new Unmet(message);
}

/** Equal as JSON values: order of keys aside, nothing else. */
export function same(got, wanted) {
  const [a, b] = [got, wanted].map((value) => JSON.parse(JSON.stringify(value ?? null)));
  if (isDeepStrictEqual(a, b)) return;
  const [left, right] = [a, b].map((value) => JSON.stringify(value));
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const from = Math.max(0, at - 60);
  throw new Unmet(
    `differs near character ${at}:\n  got    …${left.slice(from, at + 140)}\n  wanted …${right.slice(from, at + 140)}`,
  );
}

/** A promise that does not outlive its time: nothing here may wait for ever. */
export function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks `probe` again until it gives something true; its last error is the reason when time is up. */
export async function until(what, probe, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  let reason = '';
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not within ${seconds} s${reason}`);
}

export function closingLine() {
  console.log(`# ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}
