// The official TypeScript client, generation 2, as it comes.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { answering, capabilities, session, who } from './session.mjs';

export const name = 'client 2';

export function open(target, options = {}, connecting = {}) {
  const transport = target.url
    ? new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
    : new StdioClientTransport({ ...target, stderr: 'pipe' });
  const client = new Client(who, { capabilities, ...options });
  const asked = answering((method, handler) => client.setRequestHandler(method, handler));
  return session(client, transport, (params, callOptions) => client.callTool(params, callOptions), { asked, connecting });
}
