// One entry a scenario: what the host does. `act` comes once it is connected; where there is none,
// the scenario's server is one to keep away from, and connecting must fail for want of a sign-in.
// `settings` is what the user has told the bridge; `openings` is how often a browser may be opened.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ElicitRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** The bridge's own errors for a sign-in that is wanted, or has failed. */
const signInErrors = [-31001, -31002];

function expect(got, wanted) {
  if (got !== wanted) throw new Error(`got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

export async function refused(request) {
  let error;
  try {
    await request();
  } catch (thrown) {
    error = thrown;
  }
  if (!error) throw new Error('an answer came where an error was wanted');
  if (!signInErrors.includes(error.code)) throw error;
}

async function use(host) {
  await host.listTools();
  const { content } = await host.callTool({ name: 'test-tool', arguments: {} });
  expect(content[0].text, 'test');
}

const signedIn = { act: use, openings: 1 };
const clientId = ({ client_id }) => ({ args: ['--client-id', client_id] });
const clientSecret = (context) => ({ ...clientId(context), env: { DATADOG_CLIENT_SECRET: context.client_secret } });

/** The browser comes back naming the wrong issuer, or none: too late not to open it. */
const strayIssuer = { openings: 1 };

export const acts = {
  initialize: { act: (host) => host.listTools() },

  tools_call: {
    act: async (host) => {
      await host.listTools();
      const { content } = await host.callTool({ name: 'add_numbers', arguments: { a: 5, b: 3 } });
      expect(content[0].text, 'The sum of 5 and 3 is 8');
    },
  },

  'elicitation-sep1034-client-defaults': {
    act: async (host) => {
      // With the applyDefaults capability the SDK fills in what this answer leaves out.
      host.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
      await host.listTools();
      const { isError } = await host.callTool({ name: 'test_client_elicitation_defaults', arguments: {} });
      expect(isError ?? false, false);
    },
  },

  'sse-retry': {
    act: async (host) => {
      await host.listTools();
      const { content } = await host.callTool({ name: 'test_reconnection', arguments: {} });
      expect(content[0].text, 'Reconnection test completed successfully');
    },
  },

  'json-schema-2020-12-preservation': {
    act: async (host) => {
      // Asked for with the loosest schema there is, so that the SDK has no hand in what comes out.
      const { tools } = await host.request({ method: 'tools/list' }, ResultSchema);
      const { inputSchema } = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
      await host.callTool({ name: 'json_schema_echo', arguments: { schema: inputSchema } });
    },
  },

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
  'auth/scope-retry-limit': { act: (host) => refused(() => host.listTools()), openings: 3 },

  // Between listing and calling the resource moves to another authorization server.
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
