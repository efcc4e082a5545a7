// An HTTP server made of bridges: what the suite's own client says over HTTP goes to a bridge's
// standard input, what the bridge says goes back. A session of the older revisions is a bridge of its
// own; all requests that name their revision share one.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { start } from '../e2e/lib/processes.mjs';
import { within } from '../e2e/lib/report.mjs';

const claim = 'io.modelcontextprotocol/protocolVersion';

class Pipe {
  #exchanges = new Map();  // responses that wait, by id of the request
  #waiting = [];           // what nobody was there for
  #rest = '';

  constructor({ command, args, env }) {
    this.bridge = start(command, args, { env });
    this.bridge.child.stdout.on('data', (text) => this.#take(text));
  }

  write(message) {
    this.bridge.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  ask(message, response, headers) {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    this.#exchanges.set(message.id, response);
    response.on('close', () => {
      if (this.#exchanges.delete(message.id)) this.write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } });
    });
    this.write(message);
  }

  /** The stream for what belongs to no request. */
  listen(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.stream = response;
    for (const line of this.#waiting.splice(0)) send(response, line);
  }

  async end() {
    this.bridge.child.stdin.end();
    return within(10, 'the bridge to leave', this.bridge.ended);
  }

  #take(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#deliver(line, JSON.parse(line));
  }

  #deliver(line, { id, method }) {
    // A notification belongs to the latest request: the suite has one at a time.
    const response = method === undefined ? this.#exchanges.get(id) : ([...this.#exchanges.values()].at(-1) ?? this.stream);
    if (!response) return void this.#waiting.push(line);
    send(response, line);
    if (method !== undefined) return;
    this.#exchanges.delete(id);
    response.end();
  }
}

function send(response, line) {
  response.write(`event: message\ndata: ${line}\n\n`);
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return JSON.parse(text);
}

/** `target` is what starts a bridge. `end()` ends them all and gives how each of them left. */
export async function face(target) {
  const pipes = new Map();  // by session; the shared one by the empty name
  const pipe = (session) => {
    if (!pipes.has(session)) pipes.set(session, new Pipe(target));
    return pipes.get(session);
  };
  const refuse = (response, status) => response.writeHead(status).end();

  const server = createServer(async (request, response) => {
    const session = request.headers['mcp-session-id'];
    if (session !== undefined && !pipes.has(session)) return refuse(response, 404);
    if (request.method === 'GET') return session ? pipe(session).listen(response) : refuse(response, 405);
    if (request.method === 'DELETE') return refuse(response, session ? 200 : 405);
    const message = await bodyOf(request);
    const asks = message.method !== undefined && message.id !== undefined;
    if (message.params?._meta?.[claim] !== undefined) {
      if (asks) return pipe('').ask(message, response);
    } else if (message.method === 'initialize') {
      const fresh = randomUUID();
      return pipe(fresh).ask(message, response, { 'mcp-session-id': fresh });
    } else if (session === undefined) {
      return refuse(response, 400);
    } else if (asks) {
      return pipe(session).ask(message, response);
    }
    pipe(session ?? '').write(message);
    refuse(response, 202);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}/mcp`,
    async end() {
      server.close();
      server.closeAllConnections();
      return Promise.all([...pipes.values()].map((each) => each.end()));
    },
  };
}
