import { join } from 'node:path';
import { eventually } from './eventually';
import { type ManagedProcess, projectRoot, startProcess } from './stack';

export const serviceNames = ['admin-api', 'gateway', 'dispatcher', 'generator', 'sender'] as const;
export type ServiceName = (typeof serviceNames)[number];

const listenMs = 60_000;

/** One production entry point as a process: `node dist/apps/<name>/main.js`, environment only. */
export class ServiceProcess {
  /** Every line of stdout and stderr of all its lives. */
  readonly lines: string[] = [];
  private child: ManagedProcess | undefined;
  private port: number | undefined;

  constructor(
    readonly name: ServiceName | 'sandbox',
    private env: Readonly<Record<string, string>>,
  ) {}

  /** For its next life. */
  change(env: Readonly<Record<string, string>>): void {
    this.env = { ...this.env, ...env };
  }

  get pid(): number {
    if (!this.child) throw new Error(`${this.name} was not started`);
    return this.child.pid;
  }

  /** @throws Error  when it does not listen (any more) */
  get url(): string {
    if (this.port === undefined) throw new Error(`${this.name} does not listen`);
    return `http://127.0.0.1:${this.port}`;
  }

  isRunning(): boolean {
    return this.child?.isRunning() ?? false;
  }

  /** Resolves when it listens; it need not be ready. */
  async start(): Promise<void> {
    this.port = undefined;
    const portVariable = `${this.name.toUpperCase().replaceAll('-', '_')}_PORT`;
    this.child = await startProcess({
      name: this.name,
      command: process.execPath,
      args: [join(projectRoot(), 'dist', 'apps', this.name, 'main.js')],
      env: { PATH: process.env['PATH'], ...this.env, [portVariable]: '0' },
      onLine: (line) => this.read(line),
    });
    await eventually(
      `${this.name} listens; it said ${this.lines.slice(-3).join(' | ')}`,
      () => {
        if (!this.isRunning()) throw new Error(`it ended: ${this.lines.slice(-5).join(' | ')}`);
        return this.port !== undefined;
      },
      listenMs,
    );
  }

  ready(withinMs = listenMs): Promise<boolean> {
    return eventually(`${this.name} is ready`, () => this.isReady(), withinMs);
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child?.kill();
    await this.child?.ended;
  }

  /** SIGTERM. Resolves with the exit code when it is gone. */
  async stop(deadlineMs = 35_000): Promise<number | null> {
    const end = await this.child?.stop(deadlineMs);
    return end?.code ?? null;
  }

  async restart(): Promise<void> {
    await this.start();
    await this.ready();
  }

  private read(line: string): void {
    this.lines.push(line);
    if (process.env['SYSTEM_LOG']) console.log(`${this.name}: ${line}`);
    if (!line.includes('"listening"')) return;
    const entry = JSON.parse(line) as { msg?: string; port?: number };
    if (entry.msg === 'listening') this.port = entry.port;
  }
}
