// A stdio transport for the SDK's Client that hides nothing: it keeps every line of stdout that is
// not JSON-RPC, all of stderr, and how the process ended.
import { spawn } from 'node:child_process';
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';

const patience = 5000;  // for the bridge to leave after end of input

export class BridgeTransport {
  constructor(command, args, env) {
    this.command = command;
    this.args = args;
    this.env = env;
    this.strays = [];
    this.stderr = '';
    this.rest = '';
  }

  async start() {
    this.child = spawn(this.command, this.args, { env: this.env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => resolve({ error: error.message }));
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.ended.then(() => this.onclose?.());
    this.child.stdin.on('error', (error) => this.onerror?.(error));
    this.child.stdout.setEncoding('utf8').on('data', (text) => this.#take(text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
  }

  #take(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      let message;
      try {
        message = JSONRPCMessageSchema.parse(JSON.parse(line));
      } catch {
        this.strays.push(line);
        continue;
      }
      this.onmessage?.(message);
    }
  }

  async send(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** End of input; a bridge that stays is killed, and that is one of its faults. */
  async close() {
    this.child.stdin.end();
    const timer = setTimeout(() => {
      this.overstayed = true;
      this.child.kill('SIGKILL');
    }, patience);
    await this.ended;
    clearTimeout(timer);
  }

  async faults() {
    const { code, signal, error } = await this.ended;
    const faults = this.strays.map((line) => `stdout: not JSON-RPC: ${line.slice(0, 200)}`);
    if (this.rest) faults.push(`stdout: ends within a line: ${this.rest.slice(0, 200)}`);
    if (this.overstayed) faults.push(`exit: still there ${patience} ms after end of input`);
    else if (error || code !== 0) faults.push(`exit: code ${code}, signal ${signal} ${error ?? ''}`);
    return faults;
  }
}
