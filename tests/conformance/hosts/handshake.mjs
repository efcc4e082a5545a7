// A host of the years up to 2025: the official SDK's client, generation 1, which begins with `initialize`.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { who } from './who.mjs';

export class HandshakeHost {
  constructor() {
    this.client = new Client(who, { capabilities: { elicitation: { form: { applyDefaults: true } } } });
    this.elicited = () => ({ action: 'decline' });
    this.client.setRequestHandler(ElicitRequestSchema, ({ params }) => this.elicited(params));
  }

  open = (transport) => this.client.connect(transport);
  close = () => this.client.close();

  /** Asked for with the loosest schema there is, so that the SDK has no hand in what comes out. */
  listTools = () => this.client.request({ method: 'tools/list' }, ResultSchema);

  /** As applications do it; the SDK looks at the results closely. */
  listToolsStrictly = () => this.client.listTools();
  callTool = (params) => this.client.callTool(params);
  listResources = () => this.client.listResources();
  readResource = (params) => this.client.readResource(params);
  listPrompts = () => this.client.listPrompts();
  getPrompt = (params) => this.client.getPrompt(params);

  faults = () => [];
}
