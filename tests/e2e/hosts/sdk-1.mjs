// The official TypeScript SDK, generation 1: what most hosts are built on.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { answering, capabilities, session, who } from './session.mjs';

export const name = 'SDK 1';

const schemas = {
  'sampling/createMessage': CreateMessageRequestSchema,
  'elicitation/create': ElicitRequestSchema,
  'roots/list': ListRootsRequestSchema,
};

export async function open(target) {
  const transport = target.url
    ? new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
    : new StdioClientTransport({ ...target, stderr: 'pipe' });
  const client = new Client(who, { capabilities });
  const asked = answering((method, handler) => client.setRequestHandler(schemas[method], handler));
  return session(client, transport, (params, options) => client.callTool(params, undefined, options), { asked });
}
