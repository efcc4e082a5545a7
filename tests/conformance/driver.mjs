// The client the conformance suite runs: a small host that starts the bridge on the suite's URL (the
// last argument), speaks MCP to it on stdio and acts out the scenario; CONFORMANCE_HOST says which of
// the two in hosts/. The suite watches the HTTP side; what only the stdio side shows goes to
// CONFORMANCE_REPORT as JSON.
import { writeFileSync } from 'node:fs';
import { within } from '../e2e/lib/report.mjs';
import { acts } from './acts.mjs';
import { ClaimsHost } from './hosts/claims.mjs';
import { HandshakeHost } from './hosts/handshake.mjs';
import { BridgeTransport } from './transport.mjs';

const patience = 35;  // seconds for the conversation: less than the suite has
const hosts = { handshake: HandshakeHost, claims: ClaimsHost };

/** The bridge's own errors for a sign-in that is wanted, or has failed. */
const signInErrors = [-31001, -31002];

/** What the suite gives out as secrets: its tokens and codes, and what it tells this client alone. */
function secrets({ client_secret, private_key_pem }) {
  return ['test-token', 'cc-token', 'test-auth-code', client_secret, private_key_pem?.split('\n')[1]].filter(Boolean);
}

async function refused(conversation) {
  let error;
  try {
    await conversation();
  } catch (thrown) {
    error = thrown;
  }
  if (!error) throw new Error('an answer came where an error was wanted');
  if (!signInErrors.includes(error.code)) throw error;
}

async function converse(host, transport, { act, discover }, context) {
  if (!act) {
    await refused(async () => {
      await host.open(transport);
      await host.listTools();
    });
    return;
  }
  await host.open(transport, { discover });
  await act(host, context);
}

async function perform(scenario, url) {
  if (!acts[scenario]) throw new Error(`there is no act for ${scenario}`);
  const { MCP_CONFORMANCE_CONTEXT, ...environment } = process.env;
  const context = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}');
  const { args = [], env = {} } = acts[scenario].settings?.(context) ?? {};
  const transport = new BridgeTransport(process.env.DOGPIPE_BIN, ['--url', url, '--allow-http', ...args], {
    ...environment, ...env,
  });
  const host = new hosts[process.env.CONFORMANCE_HOST]();
  const faults = [];
  try {
    await within(patience, 'the conversation', converse(host, transport, acts[scenario], context));
  } catch (error) {
    faults.push(`conversation: ${error.message}`);
  }
  faults.push(...host.faults());
  await host.close();
  faults.push(...(await transport.faults()));
  if (secrets(context).some((secret) => transport.stderr.includes(secret))) faults.push('stderr: shows a secret');
  return { scenario, faults, stderr: transport.stderr };
}

const report = await perform(process.env.MCP_CONFORMANCE_SCENARIO, process.argv.at(-1));
writeFileSync(process.env.CONFORMANCE_REPORT, JSON.stringify(report));
process.exit(report.faults.length === 0 ? 0 : 1);
