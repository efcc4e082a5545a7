// The content behind the official SDK, generation 2. Usage: sdk-2.mjs CONTENT modern|dual|stateless
// `modern` speaks 2026-07-28 and nothing else; `dual` has sessions for older hosts besides;
// `stateless` is what the SDK does for older hosts by itself: every request alone, no way to ask back.
import { randomUUID } from 'node:crypto';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler, inputRequired, isLegacyRequest, ProtocolError, ResourceNotFoundError, Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { content, serve } from './process.mjs';

const { capabilities, handlers, info, instructions, watched } = content;
const sessions = new Map();  // by id: { server, transport, uris }

function fail(code, message, data) {
  throw new ProtocolError(code, message, data);
}

function publish(what) {
  if (what === 'watched') modern.notify.resourceUpdated(watched);
  else modern.notify[`${what}Changed`]();
  for (const { server, uris } of sessions.values()) {
    if (what === 'tools') server.sendToolListChanged();
    else if (what === 'prompts') server.sendPromptListChanged();
    else if (what === 'resources') server.sendResourceListChanged();
    else if (uris.has(watched)) server.sendResourceUpdated({ uri: watched });
  }
}

function newServer(uris = new Set()) {
  const server = new Server(info, { capabilities, instructions });
  for (const [method, handle] of Object.entries(handlers)) {
    server.setRequestHandler(method, async ({ params = {} }, { mcpReq }) => {
      const token = mcpReq._meta?.progressToken;
      const { ask, state, ...result } = await handle(params, {
        publish,
        fail,
        notFound: (uri) => {
          throw new ResourceNotFoundError(uri, 'Resource not found');
        },
        progress: (progress) =>
          token !== undefined && mcpReq.notify({ method: 'notifications/progress', params: { progressToken: token, ...progress } }),
        log: (level, data) => mcpReq.log(level, data),
        answers: mcpReq.inputResponses,
        state: mcpReq.requestState(),
      });
      return ask ? inputRequired({ inputRequests: ask, ...(state !== undefined && { requestState: state }) }) : result;
    });
  }
  server.setRequestHandler('resources/subscribe', ({ params }) => (uris.add(params.uri), {}));
  server.setRequestHandler('resources/unsubscribe', ({ params }) => (uris.delete(params.uri), {}));
  return server;
}

async function open() {
  const uris = new Set();
  const server = newServer(uris);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, { server, transport, uris }),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

async function withSessions(request, options) {
  if (!(await isLegacyRequest(request))) return modern.fetch(request, options);
  const id = request.headers.get('mcp-session-id');
  if (id && !sessions.has(id)) {
    return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }, { status: 404 });
  }
  return (sessions.get(id)?.transport ?? (await open())).handleRequest(request, options);
}

const mode = process.argv[3];
const modern = createMcpHandler(() => newServer(), { legacy: mode === 'stateless' ? 'stateless' : 'reject' });
serve(toNodeHandler(mode === 'dual' ? { fetch: withSessions } : modern));
