// The client the conformance suite runs: a small host that starts the bridge on the suite's URL (the
// last argument), speaks MCP to it on stdio and acts out the scenario. The suite watches the HTTP
// side; what only the stdio side shows goes to CONFORMANCE_REPORT as JSON.
import { writeFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { BridgeTransport } from './transport.mjs';

/** One entry a scenario: what the host does once it is connected. A new scenario goes here and into scenarios.mjs. */
const acts = {
  initialize: (host) => host.listTools(),

  tools_call: async (host) => {
    await host.listTools();
    const { content } = await host.callTool({ name: 'add_numbers', arguments: { a: 5, b: 3 } });
    expect(content[0].text, 'The sum of 5 and 3 is 8');
  },

  'elicitation-sep1034-client-defaults': async (host) => {
    // With the applyDefaults capability the SDK fills in what this answer leaves out.
    host.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
    await host.listTools();
    const { isError } = await host.callTool({ name: 'test_client_elicitation_defaults', arguments: {} });
    expect(isError ?? false, false);
  },

  'sse-retry': async (host) => {
    await host.listTools();
    const { content } = await host.callTool({ name: 'test_reconnection', arguments: {} });
    expect(content[0].text, 'Reconnection test completed successfully');
  },

  'json-schema-2020-12-preservation': async (host) => {
    // Asked for with the loosest schema there is, so that the SDK has no hand in what comes out.
    const { tools } = await host.request({ method: 'tools/list' }, ResultSchema);
    const { inputSchema } = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
    await host.callTool({ name: 'json_schema_echo', arguments: { schema: inputSchema } });
  },
};

function expect(got, wanted) {
  if (got !== wanted) throw new Error(`got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function perform(scenario, url) {
  const act = acts[scenario];
  if (!act) throw new Error(`the driver has no act for ${scenario}`);
  const transport = new BridgeTransport(process.env.DOGPIPE_BIN, ['--url', url, '--allow-http']);
  const host = new Client(
    { name: 'dogpipe-conformance', version: '1.0.0' },
    { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  );
  const faults = [];
  try {
    await host.connect(transport);
    await act(host);
  } catch (error) {
    faults.push(`conversation: ${error.message}`);
  }
  await host.close();
  faults.push(...(await transport.faults()));
  return { scenario, faults, stderr: transport.stderr };
}

const report = await perform(process.env.MCP_CONFORMANCE_SCENARIO, process.argv.at(-1));
writeFileSync(process.env.CONFORMANCE_REPORT, JSON.stringify(report));
process.exit(report.faults.length === 0 ? 0 : 1);
