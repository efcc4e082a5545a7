// What the official conformance suite's server scenarios ask a server to have; the same shape as content.mjs.
import { createHmac } from 'node:crypto';

export const info = { name: 'dogpipe-e2e-suite', version: '1.0.0' };
export const instructions = 'For the scenarios of the conformance suite.';
export const watched = 'test://watched-resource';
export const capabilities = {
  tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true },
  completions: {}, logging: {},
};

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const object = (properties = {}, required = []) => ({ type: 'object', properties, ...(required.length && { required }) });
const image = { type: 'image', data: png, mimeType: 'image/png' };
const inside = (uri, value, mimeType = 'text/plain') => ({ type: 'resource', resource: { uri, mimeType, text: value } });

const elicit = (message, properties, required) => ({ method: 'elicitation/create', params: { message, requestedSchema: object(properties, required) } });
const sample = (question, maxTokens) => ({
  method: 'sampling/createMessage', params: { messages: [{ role: 'user', content: { type: 'text', text: question } }], maxTokens },
});
const roots = { method: 'roots/list', params: {} };

const string = { type: 'string' };
const questions = {
  user_name: elicit('What is your name?', { name: string }, ['name']),
  capital_question: sample('What is the capital of France?', 100),
  client_roots: roots,
  confirm: elicit('Please confirm', { ok: { type: 'boolean' } }, ['ok']),
  greeting: sample('Generate a greeting', 50),
  step1: elicit('Step 1: What is your name?', { name: string }, ['name']),
  step2: elicit('Step 2: What is your favorite color?', { color: string }, ['color']),
  user_context: elicit('What context should the prompt use?', { context: string }, ['context']),
};

/** Something a host can neither read nor make. */
const sealed = (step) => `${step}.${createHmac('sha256', info.name).update(step).digest('base64url')}`;

/** Usable answers to all of `keys`, or the question again. */
function answered({ answers = {} }, ...keys) {
  return keys.every((key) => answers[key] !== null && typeof answers[key] === 'object');
}

const asking = (keys, then, state) => (_, io) => {
  if (state && io.state !== undefined && io.state !== state) return io.fail(-32602, 'not a state of this server');
  if (answered(io, ...keys) && io.state === state) return text(then(io.answers));
  return { ask: Object.fromEntries(keys.map((key) => [key, questions[key]])), state };
};

/** Asks one thing, of older hosts as well, and tells what came. */
const once = (question, told) => async (given, io) => {
  if (!answered(io, 'it')) return { ask: { it: question(given) } };
  return text(told(io.answers.it));
};

const enums = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: ['First', 'Second', 'Third'].map((name, n) => ({ const: `value${n + 1}`, title: `${name} Option` })) },
  legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
  untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: { type: 'array', items: { anyOf: ['First', 'Second', 'Third'].map((name, n) => ({ const: `value${n + 1}`, title: `${name} Choice` })) } },
};

const defaults = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

const completed = ({ action, content }) => `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`;

const tools = {
  test_simple_text: () => text('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({ content: [inside('test://embedded-resource', 'This is an embedded resource content.')] }),
  test_multiple_content_types: () => ({
    content: [{ type: 'text', text: 'Multiple content types test:' }, image, inside('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json')],
  }),
  test_error_handling: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  test_tool_with_logging: async (_, io) => {
    for (const step of ['started', 'processing data', 'completed']) await io.log('info', `Tool execution ${step}`);
    return text('Tool with logging executed successfully');
  },
  test_tool_with_progress: async (_, io) => {
    for (const progress of [0, 50, 100]) await io.progress({ progress, total: 100, message: `Completed step ${progress} of 100` });
    return text('done');
  },
  test_sampling: once(({ prompt }) => sample(prompt, 100), ({ content }) => `LLM response: ${content.text}`),
  test_elicitation: once(({ message }) => elicit(message, { username: string, email: string }, ['username', 'email']), completed),
  test_elicitation_sep1034_defaults: once(() => elicit('Please review the form', defaults, []), completed),
  test_elicitation_sep1330_enums: once(() => elicit('Please select', enums, []), completed),

  test_input_required_result_elicitation: asking(['user_name'], ({ user_name }) => `Hello, ${user_name.content?.name}!`),
  test_input_required_result_sampling: asking(['capital_question'], ({ capital_question }) => capital_question.content?.text ?? ''),
  test_input_required_result_list_roots: asking(['client_roots'], ({ client_roots }) => JSON.stringify(client_roots.roots)),
  test_input_required_result_request_state: asking(['confirm'], () => 'state-ok', sealed('confirm')),
  test_input_required_result_multiple_inputs: asking(['user_name', 'greeting', 'client_roots'], () => 'all there', sealed('multiple')),
  test_input_required_result_tampered_state: asking(['confirm'], () => 'untouched', sealed('tampered')),
  test_input_required_result_capabilities: asking(['capital_question'], ({ capital_question }) => capital_question.content?.text ?? ''),
  test_input_required_result_multi_round: (_, io) => {
    if (io.state === sealed('two') && answered(io, 'step2')) return text('both rounds done');
    if (io.state === sealed('one') && answered(io, 'step1')) return { ask: { step2: questions.step2 }, state: sealed('two') };
    return { ask: { step1: questions.step1 }, state: sealed('one') };
  },
};

const inputs = {
  test_sampling: object({ prompt: string }, ['prompt']),
  test_elicitation: object({ message: string }, ['message']),
};

const prompt = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) });
const said = (value) => ({ type: 'text', text: value });
const prompts = {
  test_simple_prompt: { get: () => prompt(said('This is a simple prompt for testing.')) },
  test_prompt_with_arguments: {
    arguments: [{ name: 'arg1', required: true }, { name: 'arg2', required: true }],
    get: ({ arg1, arg2 }) => prompt(said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  },
  test_prompt_with_embedded_resource: {
    arguments: [{ name: 'resourceUri', required: true }],
    get: ({ resourceUri }) => prompt(inside(resourceUri, 'Embedded resource content for testing.'), said('Please process it.')),
  },
  test_prompt_with_image: { get: () => prompt(image, said('Please analyze it.')) },
  test_input_required_result_prompt: {
    get: (_, io) =>
      answered(io, 'user_context') ? prompt(said(io.answers.user_context.content?.context ?? '')) : { ask: { user_context: questions.user_context } },
  },
};

const resources = {
  'test://static-text': { name: 'Static text', mimeType: 'text/plain', read: { text: 'This is the content of the static text resource.' } },
  'test://static-binary': { name: 'Static binary', mimeType: 'image/png', read: { blob: png } },
  [watched]: { name: 'Watched', mimeType: 'text/plain', read: { text: 'Watched resource content' } },
};

export const handlers = {
  'tools/list': () => ({
    tools: Object.keys(tools).map((name) => ({ name, description: `For the scenario about ${name}`, inputSchema: inputs[name] ?? object() })),
  }),
  'tools/call': ({ name, arguments: given = {} }, io) =>
    Object.hasOwn(tools, name) ? tools[name](given, io) : io.fail(-32602, `Unknown tool: ${name}`),
  'resources/list': () => ({ resources: Object.entries(resources).map(([uri, { read, ...rest }]) => ({ uri, ...rest })) }),
  'resources/templates/list': () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'Template', mimeType: 'application/json' }],
  }),
  'resources/read': ({ uri }, io) => {
    if (Object.hasOwn(resources, uri)) return { contents: [{ uri, mimeType: resources[uri].mimeType, ...resources[uri].read }] };
    const [, id] = /^test:\/\/template\/(.+)\/data$/.exec(uri) ?? [];
    if (!id) return io.notFound(uri);
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }] };
  },
  'prompts/list': () => ({
    prompts: Object.entries(prompts).map(([name, { get, ...rest }]) => ({ name, description: `For the scenario about ${name}`, ...rest })),
  }),
  'prompts/get': ({ name, arguments: given = {} }, io) =>
    Object.hasOwn(prompts, name) ? prompts[name].get(given, io) : io.fail(-32602, `Unknown prompt: ${name}`),
  'completion/complete': () => ({ completion: { values: [], total: 0, hasMore: false } }),
};
