// The content behind the official SDK, generation 1: sessions, and requests to the host. Usage: sdk-1.mjs CONTENT
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { McpError, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { content, serve } from './process.mjs';

const { capabilities, handlers, info, instructions, watched } = content;
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const sessions = new Map();  // by id: { server, transport, uris }
const request = (method) => z.object({ method: z.literal(method), params: z.any().optional() });

function publish(what) {
  for (const { server, uris } of sessions.values()) {
    if (what === 'tools') server.sendToolListChanged();
    else if (what === 'prompts') server.sendPromptListChanged();
    else if (what === 'resources') server.sendResourceListChanged();
    else if (uris.has(watched)) server.sendResourceUpdated({ uri: watched });
  }
}

function fail(code, message, data) {
  throw new McpError(code, message, data);
}

/** The question as this revision knows it. */
function legacy({ method, params }) {
  return { method, ...(params && { params: params.mode === 'url' ? { ...params, elicitationId: randomUUID() } : params }) };
}

function newServer() {
  const server = new Server(info, { capabilities, instructions });
  const uris = new Set();
  let threshold = 'debug';
  for (const [method, handle] of Object.entries(handlers)) {
    server.setRequestHandler(request(method), async ({ params = {} }, extra) => {
      const token = params._meta?.progressToken;
      const io = {
        publish,
        fail,
        notFound: (uri) => fail(-32002, 'Resource not found', { uri }),
        progress: (progress) =>
          token !== undefined && extra.sendNotification({ method: 'notifications/progress', params: { progressToken: token, ...progress } }),
        log: (level, data) =>
          levels.indexOf(level) >= levels.indexOf(threshold) &&
          extra.sendNotification({ method: 'notifications/message', params: { level, data } }),
      };
      for (;;) {
        const { ask, state, ...result } = await handle(params, io);
        if (!ask) return result;
        const answers = Object.entries(ask).map(async ([key, question]) => [key, await extra.sendRequest(legacy(question), ResultSchema)]);
        Object.assign(io, { state, answers: Object.fromEntries(await Promise.all(answers)) });
      }
    });
  }
  server.setRequestHandler(request('resources/subscribe'), ({ params }) => (uris.add(params.uri), {}));
  server.setRequestHandler(request('resources/unsubscribe'), ({ params }) => (uris.delete(params.uri), {}));
  server.setRequestHandler(request('logging/setLevel'), ({ params }) => ((threshold = params.level), {}));
  return { server, uris };
}

async function open() {
  const { server, uris } = newServer();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, { server, transport, uris }),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

serve(async (incoming, outgoing) => {
  const id = incoming.headers['mcp-session-id'];
  if (id && !sessions.has(id)) {
    outgoing.writeHead(404, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }));
    return;
  }
  // A transport without a session takes `initialize` alone, and refuses the rest by itself.
  await (sessions.get(id)?.transport ?? (await open())).handleRequest(incoming, outgoing);
});
