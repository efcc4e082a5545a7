// The servers of servers/, each a process of its own: the same content behind either generation of
// the official SDK.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './processes.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'servers');

async function serverOf(title, file, ...args) {
  const service = start(process.execPath, [join(folder, file), ...args]);
  const [, port] = await service.ready(title, ({ out }) => /^port (\d+)$/m.exec(out));
  return Object.assign(service, { title, url: `http://127.0.0.1:${port}/mcp` });
}

export const servers = {
  'SDK 1': (content = 'content') => serverOf('SDK 1', 'sdk-1.mjs', content),
  'SDK 2 modern': (content = 'content') => serverOf('SDK 2 modern', 'sdk-2.mjs', content, 'modern'),
  'SDK 2 dual': (content = 'content') => serverOf('SDK 2 dual', 'sdk-2.mjs', content, 'dual'),
  'SDK 2 stateless': (content = 'content') => serverOf('SDK 2 stateless', 'sdk-2.mjs', content, 'stateless'),
};
