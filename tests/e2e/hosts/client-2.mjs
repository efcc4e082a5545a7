// The official TypeScript client, generation 2, as it comes.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { answers, capabilities, session, who } from './session.mjs';

export const name = 'client 2';

export function open(target, options = {}) {
  const transport = target.url
    ? new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
    : new StdioClientTransport({ ...target, stderr: 'pipe' });
  const client = new Client(who, { capabilities, ...options });
  client.setRequestHandler('sampling/createMessage', () => answers.sampling);
  client.setRequestHandler('elicitation/create', () => answers.elicitation);
  client.setRequestHandler('roots/list', () => answers.roots);
  return session(client, transport, (params, callOptions) => client.callTool(params, callOptions));
}
