// A host of 2026-07-28, written out because the SDK would not begin without `server/discover`: every
// request says in its `_meta` which revision it is of, nothing comes before the first of them, and
// what the server wants of the user comes as a result, not as a request.
import { who } from './who.mjs';

const revision = '2026-07-28';
const unsupportedVersion = -32022;
const rounds = 5;  // of questions before an answer

const claim = {
  'io.modelcontextprotocol/protocolVersion': revision,
  'io.modelcontextprotocol/clientInfo': who,
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};

export class ClaimsHost {
  #inFlight = new Map();  // by id
  #faults = [];
  #count = 0;

  constructor() {
    this.elicited = () => ({ action: 'decline' });
  }

  async open(transport, { discover = false } = {}) {
    this.transport = transport;
    transport.onmessage = (message) => this.#take(message);
    transport.onclose = () => this.#fail(new Error('the bridge is gone'));
    await transport.start();
    if (discover) await this.#discover();
  }

  close = () => this.transport.close();

  listTools = () => this.request('tools/list');
  listToolsStrictly = () => this.listTools();
  callTool = (params) => this.request('tools/call', params);
  listResources = () => this.request('resources/list');
  readResource = (params) => this.request('resources/read', params);
  listPrompts = () => this.request('prompts/list');
  getPrompt = (params) => this.request('prompts/get', params);

  /** The result, once nothing more is asked of the user. */
  async request(method, params = {}) {
    let extra = {};
    for (let round = 0; round < rounds; round++) {
      const result = await this.#again(() => this.#send(method, { ...params, ...extra }));
      if ((result.resultType ?? 'complete') !== 'input_required') return result;
      const { inputRequests = {}, requestState } = result;
      const inputResponses = {};
      for (const [key, asked] of Object.entries(inputRequests)) inputResponses[key] = await this.#answer(asked);
      extra = { inputResponses, ...(requestState !== undefined && { requestState }) };
    }
    throw new Error(`still asking after ${rounds} rounds`);
  }

  faults = () => [...this.#faults, ...[...this.#inFlight.keys()].map((id) => `stdout: no answer to ${JSON.stringify(id)}`)];

  async #discover() {
    const { supportedVersions, capabilities } = await this.#again(() => this.#send('server/discover', {}));
    if (!supportedVersions?.includes(revision)) throw new Error(`server/discover offers ${JSON.stringify(supportedVersions)}`);
    if (!capabilities) throw new Error('server/discover names no capabilities');
  }

  /** A server may have wanted another revision; where it offers ours after all, a host asks once more. */
  async #again(ask) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== unsupportedVersion || !error.data?.supported?.includes(revision)) throw error;
      return await ask();
    }
  }

  #answer({ method, params }) {
    if (method === 'elicitation/create') return this.elicited(params);
    throw new Error(`asked for ${method}, which this host never offered`);
  }

  #send(method, params) {
    // Numbers and strings in turn: an answer must name the very same id.
    const number = ++this.#count;
    const id = number % 2 ? number : String(number);
    const answer = new Promise((resolve, reject) => this.#inFlight.set(id, { resolve, reject }));
    this.transport.send({ jsonrpc: '2.0', id, method, params: { ...params, _meta: claim } });
    return answer;
  }

  #take(message) {
    const { id, method, result, error } = message;
    if (method !== undefined) {
      if (id !== undefined) this.#faults.push(`stdout: a request, ${method}, which this revision does not have`);
      return;
    }
    const request = this.#inFlight.get(id);
    if (!request) {
      this.#faults.push(`stdout: an answer to nothing: ${JSON.stringify(message).slice(0, 200)}`);
      return;
    }
    this.#inFlight.delete(id);
    if (error) request.reject(Object.assign(new Error(`${error.code} ${error.message}`), error));
    else request.resolve(result);
  }

  #fail(error) {
    for (const { reject } of this.#inFlight.values()) reject(error);
    this.#inFlight.clear();
  }
}
