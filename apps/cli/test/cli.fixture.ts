import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const program = join(__dirname, '..', '..', '..', 'dist', 'apps', 'cli', 'main.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What was printed, as JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec reads any field of any output
  readonly json: any;
}

/** The command line, started; `out` grows. */
export class RunningCli {
  out = '';
  private err = '';
  private readonly child: ChildProcess;
  private readonly end: Promise<number | null>;
  private waiting: (() => void)[] = [];

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, input = '') {
    this.child = spawn(program, [...args], { env: { PATH: process.env.PATH, ...env } });
    this.child.stdout?.on('data', (chunk: Buffer) => this.heard(chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.child.stdin?.end(input);
    this.end = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  async ended(): Promise<Ended> {
    const code = await this.end;
    const { out, err } = this;
    return {
      ...{ code, out, err },
      get json() {
        return JSON.parse(out) as unknown;
      },
    };
  }

  /** Resolves when it has printed this. */
  async until(words: string): Promise<void> {
    while (!this.out.includes(words))
      await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  private heard(text: string): void {
    this.out += text;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
