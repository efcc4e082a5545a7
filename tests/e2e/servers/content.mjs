// What the test servers have to offer, whichever SDK serves it and whichever revision is spoken. A
// handler gets `params` and `io` (what it may do meanwhile) and gives a result; or, when it needs
// something of the host first, `{ ask, state }`, and is called again with `io.answers` and `io.state`.
export const info = { name: 'dogpipe-e2e-content', version: '1.2.3' };
export const instructions = 'Grüße — 你好.\nOne content for every revision.';
export const capabilities = {
  tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true },
  completions: {}, logging: {},
};

export const watched = 'e2e://watched';
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const wave = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const object = (properties = {}, required = []) => ({ type: 'object', properties, ...(required.length && { required }) });

const questions = {
  form: {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: 'Who — wer?',
      requestedSchema: object({
        name: { type: 'string', title: 'Name' },
        check: { type: 'boolean', default: true },
        integer: { type: 'integer', minimum: 1, maximum: 9 },
        number: { type: 'number' },
      }, ['name']),
    },
  },
  url: {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'Look here', url: 'https://example.com/a%20b?c=d&e=%C3%A9' },
  },
  sampling: {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: 'say something' } }], maxTokens: 9, systemPrompt: 'be brief' },
  },
  roots: { method: 'roots/list' },
};

/** As JSON in one order of keys: every SDK has an order of its own. */
const shown = (value) =>
  JSON.stringify(value, (_, part) =>
    part?.constructor === Object ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);

/** Asks what it is told to, all at once, and shows what came. */
const asking = (...keys) => (_, io) =>
  keys.every((key) => io.answers?.[key])
    ? text(shown(io.answers))
    : { ask: Object.fromEntries(keys.map((key) => [key, questions[key]])) };

/** A value JavaScript would not write like this, were it read and written again. */
const state = '{ "step":1.0, "text":"\\u00e9 \\"quoted\\" \u2028 ü" }';

const tools = {
  echo: {
    description: 'Gives back what it gets',
    inputSchema: object({ message: { type: 'string', description: 'Text — 文' } }, ['message']),
    run: ({ message }) => text(message),
  },
  structured: {
    description: 'Gives structured content',
    inputSchema: object(),
    outputSchema: object({ numbers: { type: 'array', items: { type: 'number' } }, nested: { type: 'object' } }, ['numbers']),
    annotations: { readOnlyHint: true, title: 'Structure' },
    run: () => {
      const structuredContent = { numbers: [0, -1, 0.1, 1e-7, 1e21, 9007199254740991], nested: { '': null, 'ключ': [[], {}] } };
      return { ...text(JSON.stringify(structuredContent)), structuredContent };
    },
  },
  'all-kinds': {
    description: 'Gives every kind of content',
    inputSchema: object(),
    run: () => ({
      content: [
        { type: 'text', text: '<&>\u2028\t"\\', annotations: { audience: ['user'], priority: 0.7 } },
        { type: 'image', data: pixel, mimeType: 'image/png' },
        { type: 'audio', data: wave, mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'e2e://text', name: 'text', title: 'A link' },
        { type: 'resource', resource: { uri: 'e2e://inside', mimeType: 'text/plain', text: 'embedded' } },
      ],
      _meta: { 'example.com/kept': { yes: true } },
    }),
  },
  refuse: {
    description: 'Always fails',
    inputSchema: object(),
    run: () => ({ ...text('no, nein, 不'), isError: true }),
  },
  mirrored: {
    description: 'Has an argument that goes into a header',
    inputSchema: object({ region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } }, ['region']),
    run: (given) => text(shown(given)),
  },
  count: {
    description: 'Reports its progress',
    inputSchema: object({ to: { type: 'integer' } }, ['to']),
    run: async ({ to }, io) => {
      for (let n = 1; n <= to; n++) await io.progress({ progress: n, total: to, message: `step ${n} — Schritt` });
      return text(`counted to ${to}`);
    },
  },
  speak: {
    description: 'Logs at every level',
    inputSchema: object(),
    run: async (_, io) => {
      for (const level of ['debug', 'info', 'warning', 'error']) await io.log(level, { about: level, text: 'Grüße' });
      return text('spoken');
    },
  },
  'ask-form': { description: 'Asks for a form', inputSchema: object(), run: asking('form') },
  'ask-url': { description: 'Asks to look at a page', inputSchema: object(), run: asking('url') },
  'ask-sampling': { description: 'Asks the model', inputSchema: object(), run: asking('sampling') },
  'ask-roots': { description: 'Asks for the roots', inputSchema: object(), run: asking('roots') },
  'ask-all': { description: 'Asks for all of it at once', inputSchema: object(), run: asking('form', 'sampling', 'roots') },
  'ask-twice': {
    description: 'Asks, and asks again for what it has learned',
    inputSchema: object({ about: { type: 'string' } }),
    run: ({ about }, io) => {
      if (io.state === undefined) return { ask: { first: questions.form }, state };
      if (io.state !== state) return { ...text(`another state came back: ${io.state}`), isError: true };
      return text(shown({ about, answers: io.answers }));
    },
  },
  touch: {
    description: 'Tells everybody that something has changed',
    inputSchema: object({ what: { enum: ['tools', 'prompts', 'resources', 'watched'] } }, ['what']),
    run: ({ what }, io) => {
      io.publish(what);
      return text(`touched ${what}`);
    },
  },
};

const resources = {
  'e2e://text': { name: 'text', mimeType: 'text/plain', read: { text: 'Zeile 1\nline 2\r\n\u2028' } },
  'e2e://bytes': { name: 'bytes', title: 'Bytes', mimeType: 'application/octet-stream', read: { blob: 'AAECA/8=' } },
  [watched]: { name: 'watched', mimeType: 'text/plain', read: { text: 'seen' } },
};

const prompts = {
  plain: { description: 'Without arguments' },
  greeting: { description: 'Greets', arguments: [{ name: 'whom', required: true }, { name: 'how', description: 'in what manner' }] },
};

const named = (table) => Object.entries(table).map(([name, { run, ...rest }]) => ({ name, ...rest }));

export const handlers = {
  'tools/list': () => ({ tools: named(tools) }),
  'tools/call': ({ name, arguments: given = {} }, io) => {
    if (!Object.hasOwn(tools, name)) return io.fail(-32602, `no tool ${name}`, { name });
    return tools[name].run(given, io);
  },
  'resources/list': () => ({
    resources: Object.entries(resources).map(([uri, { read, ...rest }]) => ({ uri, ...rest })),
  }),
  'resources/templates/list': () => ({
    resourceTemplates: [{ uriTemplate: 'e2e://item/{id}', name: 'item', mimeType: 'application/json' }],
  }),
  'resources/read': ({ uri }, io) => {
    if (Object.hasOwn(resources, uri)) {
      const { mimeType, read } = resources[uri];
      return { contents: [{ uri, mimeType, ...read }] };
    }
    const [, id] = /^e2e:\/\/item\/(.+)$/.exec(uri) ?? [];
    if (id === undefined) return io.notFound(uri);
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id: decodeURIComponent(id) }) }] };
  },
  'prompts/list': () => ({ prompts: named(prompts) }),
  'prompts/get': ({ name, arguments: given = {} }, io) => {
    if (!Object.hasOwn(prompts, name)) return io.fail(-32602, `no prompt ${name}`, { name });
    const { whom = 'nobody', how = 'plainly' } = given;
    return { description: prompts[name].description, messages: [{ role: 'user', content: { type: 'text', text: `${name}: ${whom}, ${how}` } }] };
  },
  'completion/complete': ({ argument: { value } }) => {
    const values = ['Köln', 'Kiel', 'Berlin', '東京'].filter((word) => word.startsWith(value));
    return { completion: { values, total: values.length, hasMore: false } };
  },
};
