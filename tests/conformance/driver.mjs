// The client the conformance suite runs: a small host that starts the bridge on the suite's URL (the
// last argument), speaks MCP to it on stdio and acts out the scenario. The suite watches the HTTP
// side; what only the stdio side shows goes to CONFORMANCE_REPORT as JSON.
import { writeFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { acts, refused } from './acts.mjs';
import { BridgeTransport } from './transport.mjs';

/** What the suite gives out as secrets: its tokens and codes, and what it tells this client alone. */
function secrets({ client_secret, private_key_pem }) {
  return ['test-token', 'cc-token', 'test-auth-code', client_secret, private_key_pem?.split('\n')[1]].filter(Boolean);
}

async function perform(scenario, url) {
  if (!acts[scenario]) throw new Error(`there is no act for ${scenario}`);
  const { act, settings } = acts[scenario];
  const { MCP_CONFORMANCE_CONTEXT, ...environment } = process.env;
  const context = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}');
  const { args = [], env = {} } = settings?.(context) ?? {};
  const transport = new BridgeTransport(process.env.DOGPIPE_BIN, ['--url', url, '--allow-http', ...args], {
    ...environment, ...env,
  });
  const host = new Client(
    { name: 'dogpipe-conformance', version: '1.0.0' },
    { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  );
  const faults = [];
  try {
    if (act) {
      await host.connect(transport);
      await act(host);
    } else {
      await refused(() => host.connect(transport));
    }
  } catch (error) {
    faults.push(`conversation: ${error.message}`);
  }
  await host.close();
  faults.push(...(await transport.faults()));
  if (secrets(context).some((secret) => transport.stderr.includes(secret))) faults.push('stderr: shows a secret');
  return { scenario, faults, stderr: transport.stderr };
}

const report = await perform(process.env.MCP_CONFORMANCE_SCENARIO, process.argv.at(-1));
writeFileSync(process.env.CONFORMANCE_REPORT, JSON.stringify(report));
process.exit(report.faults.length === 0 ? 0 : 1);
