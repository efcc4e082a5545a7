// Scenarios without a sign-in.
import { isDeepStrictEqual } from 'node:util';

export function expect(got, wanted) {
  if (!isDeepStrictEqual(got, wanted)) throw new Error(`got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

const names = (list) => list.map(({ name }) => name);
const text = ({ content }) => content.map((block) => block.text).join();
const call = (host, name) => host.callTool({ name, arguments: {} });

export const plain = {
  initialize: { act: (host) => host.listToolsStrictly() },

  tools_call: {
    act: async (host) => {
      await host.listToolsStrictly();
      expect(text(await host.callTool({ name: 'add_numbers', arguments: { a: 5, b: 3 } })), 'The sum of 5 and 3 is 8');
    },
  },

  'elicitation-sep1034-client-defaults': {
    act: async (host) => {
      // With the applyDefaults capability the SDK fills in what this answer leaves out.
      host.elicited = () => ({ action: 'accept', content: {} });
      await host.listToolsStrictly();
      const { isError } = await call(host, 'test_client_elicitation_defaults');
      expect(isError ?? false, false);
    },
  },

  'sse-retry': {
    act: async (host) => {
      await host.listToolsStrictly();
      expect(text(await call(host, 'test_reconnection')), 'Reconnection test completed successfully');
    },
  },

  'json-schema-2020-12-preservation': {
    act: async (host) => {
      const { tools } = await host.listTools();
      const { inputSchema } = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
      await host.callTool({ name: 'json_schema_echo', arguments: { schema: inputSchema } });
    },
  },

  // The schema comes whole; nobody goes where it points.
  'json-schema-ref-no-deref': {
    discover: true,
    act: async (host) => {
      const { tools } = await host.listTools();
      expect(new URL(tools[0].inputSchema.properties.profile.$ref).pathname, '/canary/profile-schema.json');
      await host.listToolsStrictly();
    },
  },

  // It turns the first request away, whichever that is, naming the revision it was made in.
  'request-metadata': {
    discover: true,
    act: async (host) => {
      expect((await host.listTools()).tools, []);
      expect((await host.callTool({ name: 'anything', arguments: {} })).content, []);
    },
  },

  'http-standard-headers': {
    discover: true,
    act: async (host) => {
      const { tools } = await host.listToolsStrictly();
      expect(names(tools), ['test_headers', 'my-hyphenated-tool']);
      for (const { name } of tools) expect(text(await call(host, name)), 'Headers test completed');
      const { resources } = await host.listResources();
      expect(resources.length, 2);
      for (const { uri } of resources) expect((await host.readResource({ uri })).contents, []);
      const { prompts } = await host.listPrompts();
      expect(names(prompts), ['test_prompt']);
      expect((await host.getPrompt({ name: 'test_prompt' })).messages, []);
    },
  },

  'http-custom-headers': {
    act: async (host, { toolCalls }) => {
      const { tools } = await host.listTools();
      expect(names(tools), names(toolCalls));
      for (const params of toolCalls) expect(text(await host.callTool(params)), 'Custom headers test completed');
    },
  },

  // A host calls what it is shown; of the tools here only one may be.
  'http-invalid-tool-headers': {
    act: async (host) => {
      const { tools } = await host.listTools();
      for (const { name } of tools) await host.callTool({ name, arguments: { region: 'us-east1' } });
      expect(names(tools), ['valid_tool']);
    },
  },

  'sep-2322-client-request-state': {
    discover: true,
    act: async (host) => {
      expect((await host.listToolsStrictly()).tools.length, 4);
      host.elicited = async () => {
        // Another call while the first one waits for its answer.
        expect(text(await call(host, 'test_mrtr_unrelated')), 'unrelated-ok');
        return { action: 'accept', content: { confirmed: true } };
      };
      expect(text(await call(host, 'test_mrtr_echo_state')), 'echo-state-ok');
      expect(text(await call(host, 'test_mrtr_no_state')), 'no-state-ok');
      expect(text(await call(host, 'test_mrtr_no_result_type')), 'no-result-type-test-ok');
    },
  },
};
