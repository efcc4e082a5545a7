// Scenarios in which somebody has to sign in.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from './plain.mjs';

async function use(host) {
  await host.listToolsStrictly();
  const { content } = await host.callTool({ name: 'test-tool', arguments: {} });
  expect(content[0].text, 'test');
}

const signedIn = { act: use, openings: 1 };
const clientId = ({ client_id }) => ({ args: ['--client-id', client_id] });
const clientSecret = (context) => ({ ...clientId(context), env: { DATADOG_CLIENT_SECRET: context.client_secret } });

/** The browser comes back naming the wrong issuer, or none: too late not to open it. */
const strayIssuer = { openings: 1 };

export const authorization = {
  'auth/metadata-default': signedIn,
  'auth/metadata-var1': signedIn,
  'auth/metadata-var2': signedIn,
  'auth/metadata-var3': signedIn,
  'auth/scope-from-www-authenticate': signedIn,
  'auth/scope-from-scopes-supported': signedIn,
  'auth/scope-omitted-when-undefined': signedIn,
  'auth/token-endpoint-auth-basic': signedIn,
  'auth/token-endpoint-auth-post': signedIn,
  'auth/token-endpoint-auth-none': signedIn,
  'auth/2025-03-26-oauth-metadata-backcompat': signedIn,
  'auth/2025-03-26-oauth-endpoint-fallback': signedIn,
  'auth/offline-access-scope': signedIn,
  'auth/offline-access-not-supported': signedIn,
  'auth/iss-supported': signedIn,
  'auth/iss-not-advertised': signedIn,

  'auth/basic-cimd': {
    ...signedIn,
    // The suite knows this URL, and nobody ever fetches it.
    settings: () => ({ args: ['--client-metadata-url', 'https://conformance-test.local/client-metadata.json'] }),
  },

  'auth/pre-registration': { ...signedIn, settings: clientSecret },

  // Listing asks for one scope, calling for another.
  'auth/scope-step-up': { act: use, openings: 2 },

  // No scope is ever enough here; the suite lets three attempts pass.
  'auth/scope-retry-limit': { openings: 3 },

  // After the first request with a token the resource moves to another authorization server.
  'auth/authorization-server-migration': { act: use, openings: 2 },

  'auth/client-credentials-basic': {
    act: use,
    settings: (context) => {
      const { args, env } = clientSecret(context);
      return { args: [...args, '--grant', 'client_credentials'], env };
    },
  },

  'auth/client-credentials-jwt': {
    act: use,
    settings: (context) => {
      const file = join(dirname(process.env.CONFORMANCE_REPORT), 'key.pem');
      writeFileSync(file, context.private_key_pem, { mode: 0o600 });
      return { args: [...clientId(context).args, '--grant', 'client_credentials', '--client-assertion-key', file] };
    },
  },

  'auth/iss-supported-missing': strayIssuer,
  'auth/iss-wrong-issuer': strayIssuer,
  'auth/iss-unexpected': strayIssuer,
  'auth/iss-normalized': strayIssuer,

  // Noticed before there is anything to show to the user.
  'auth/resource-mismatch': {},
  'auth/metadata-issuer-mismatch': {},
};
