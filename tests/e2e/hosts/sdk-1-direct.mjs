// The official TypeScript SDK, generation 1, signing in by itself: what a host without a bridge does.
import { createServer } from 'node:http';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UserAgent } from '../lib/user_agent.mjs';
import { who } from './session.mjs';

/** Keeps all it is given in memory, and has the user say yes at once. */
function memory(redirectUrl, kept) {
  return {
    redirectUrl,
    clientMetadata: {
      client_name: who.name, redirect_uris: [redirectUrl], application_type: 'native', token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    redirectToAuthorization: (url) => new UserAgent().visit(url),
  };
}

export async function open(url) {
  let code;
  const callback = createServer((request, response) => {
    code = new URL(request.url, 'http://_').searchParams.get('code');
    response.end('thank you');
  });
  await new Promise((resolve) => callback.listen(0, '127.0.0.1', resolve));
  const provider = memory(`http://localhost:${callback.address().port}/callback`, {});
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  const client = new Client(who);
  const first = transport();
  try {
    await client.connect(first);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await first.finishAuth(code);
    await client.connect(transport());
  } finally {
    callback.close();
    callback.closeAllConnections();
  }
  return client;
}
