// A test server is a process on loopback: its first argument says what it has to offer, it says its
// port on standard output, and ends with the one who started it.
import { createServer } from 'node:http';

/** content.mjs or suite.mjs. */
export const content = await import(`./${process.argv[2]}.mjs`);

export function serve(handle) {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
  process.stdin.on('end', () => process.exit(0)).resume();
}
