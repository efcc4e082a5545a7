// The command line of the official inspector: one process a question.
import { quietEnvironment, run } from '../lib/processes.mjs';
import { script } from '../lib/parts.mjs';
import { assert } from '../lib/report.mjs';

export const name = 'inspector';

export const questions = {
  'tool list': ['--method', 'tools/list'],
  echo: ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=hi'],
  'a long call': ['--method', 'tools/call', '--tool-name', 'trigger-long-running-operation', '--tool-args-json', '{"duration":0.3,"steps":3}'],
  'resource list': ['--method', 'resources/list'],
  'a resource': ['--method', 'resources/read', '--uri', 'demo://resource/static/document/features.md'],
  'prompt list': ['--method', 'prompts/list'],
  'a prompt': ['--method', 'prompts/get', '--prompt-name', 'args-prompt', '--prompt-args', 'city=Berlin'],
};

/** The inspector's answer as JSON. It hands its server an environment stripped like the SDK's, so
 *  what a target wants there goes by -e. */
export async function ask(target, question) {
  const { env: wanted = {} } = target;
  const env = Object.entries(wanted).filter(([key]) => key === 'DOGPIPE_HOME').flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const where = target.url ? [target.url, '--transport', 'http'] : [target.command, ...target.args];
  const program = script('@modelcontextprotocol/inspector', 'mcp-inspector');
  const { code, out, err } = await run(process.execPath, [program, '--cli', ...env, ...where, ...question], {
    env: quietEnvironment(),
    seconds: 40,
  });
  assert(code === 0, `exit code ${code}: ${err}${out}`);
  return JSON.parse(out);
}
