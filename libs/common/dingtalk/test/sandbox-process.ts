import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The other reading of the protocol, as a process of its own: no line of its code gets in here. */
export class SandboxProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<SandboxProcess> {
    const main = join(__dirname, '../../../../dist/apps/sandbox/main.js');
    if (!existsSync(main)) throw new Error('the sandbox is not built: run npm run build');
    const env = { ...process.env, SANDBOX_PORT: '0', BIND_HOST: '127.0.0.1' };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, url } = JSON.parse(line) as { msg: string; url: string };
      if (msg === 'listening') return new SandboxProcess(child, url);
    }
    throw new Error('the sandbox ended before it listened');
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }

  async get<T>(path: string): Promise<T> {
    return (await fetch(`${this.url}/sandbox${path}`)).json() as Promise<T>;
  }

  async send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: object = {}): Promise<void> {
    const response = await fetch(`${this.url}/sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
