// A server's messages as the bytes they are, asked for without a bridge and without an SDK.

/** The same requests for either revision: what a bridge has no reason to touch. */
const asks = [
  ['tools/list', {}],
  ['tools/call', { name: 'echo', arguments: { message: 'Grüße \u2028 \\ "' } }],
  ['tools/call', { name: 'structured', arguments: {} }],
  ['tools/call', { name: 'all-kinds' }],
  ['tools/call', { name: 'refuse' }],
  ['tools/call', { name: 'no-such-tool' }],
  ['tools/call', { name: 'count', arguments: { to: 3 }, _meta: { progressToken: 'tokén' } }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'e2e://bytes' }],
  ['resources/read', { uri: 'e2e://nowhere' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'greeting', arguments: { whom: 'Köln' } }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'greeting' }, argument: { name: 'whom', value: 'K' } }],
  ['no/such/method', {}],
];

export function requests(meta) {
  return asks.map(([method, params], index) => ({
    // Ids of both kinds, and one that is easily taken for nothing.
    jsonrpc: '2.0', id: index % 2 ? `é${index}` : index, method, params: { ...params, ...(meta && { _meta: { ...params._meta, ...meta } }) },
  }));
}

const header = (value) => (/^[!-~]*$/.test(value) ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`);

/** The headers 2026-07-28 wants with a message. */
function headersOf({ method, params }) {
  const name = method === 'resources/read' ? params.uri : params?.name;
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(name && { 'mcp-name': header(name) }) };
}

async function post(url, message, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(message),
  });
  const text = await response.text();
  const lines = /^text\/event-stream/.test(response.headers.get('content-type'))
    ? text.split('\n').filter((line) => line.startsWith('data: {')).map((line) => line.slice('data: '.length))
    : [text].filter(Boolean);
  return { lines, session: response.headers.get('mcp-session-id') };
}

/** Every message of the answers to `messages`, which say themselves what they are. */
export async function claiming(url, messages) {
  const lines = [];
  for (const message of messages) lines.push(...(await post(url, message, headersOf(message))).lines);
  return lines;
}

/** The same in a session that `initialize` begins. */
export async function inSession(url, initialize, messages) {
  const { lines, session } = await post(url, initialize);
  const headers = { 'mcp-session-id': session, 'mcp-protocol-version': initialize.params.protocolVersion };
  for (const message of messages) lines.push(...(await post(url, message, headers)).lines);
  return lines;
}
