import { type ManagedProcess, type ProcessEnd, startProcess } from '../managed-process';
import { waitUntil } from '../wait-until';
import { parseLogLine } from './human-log';
import { type AppPlan } from './stack-plan';
import { StartRefusedError } from './start-refused.errors';

export interface SupervisedAppOptions {
  readonly plan: AppPlan;
  readonly script: string;
  readonly cwd: string;
  readonly host: string;
  readonly env: NodeJS.ProcessEnv;
  readonly pidFile: string;
  readonly onLine: (line: string) => void;
  /** It ended by itself; `againInMs` is undefined when it is given up. */
  readonly onDeath: (how: string, againInMs: number | undefined) => void;
  readonly stopDeadlineMs: number;
}

/** EX_CONFIG: the service says that its environment is wrong, and trying again would change nothing. */
const wrongConfiguration = 78;
const firstBackoffMs = 500;
const longestBackoffMs = 15_000;
/** One that lived this long begins with the short pause again. */
const healthyMs = 30_000;

/** How long to wait before the next start, after so many short lives in a row. */
export function backoffMs(shortLives: number): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.max(0, shortLives - 1));
}

export const describeEnd = ({ code, signal }: ProcessEnd) => signal ?? `exit code ${code}`;

/** Keeps one app running until it is told to stop. */
export class SupervisedApp {
  private child: ManagedProcess | undefined;
  private listeningOn: number | undefined;
  private pause: { readonly timer: NodeJS.Timeout; readonly over: () => void } | undefined;
  private stopping = false;
  private gaveUp: string | undefined;
  private life: Promise<void> | undefined;

  constructor(private readonly options: SupervisedAppOptions) {}

  get name(): string {
    return this.options.plan.name;
  }

  /** Where it listens, once it has said so. */
  get url(): string | undefined {
    const host = this.options.host === '0.0.0.0' ? '127.0.0.1' : this.options.host;
    return this.listeningOn === undefined ? undefined : `http://${host}:${this.listeningOn}`;
  }

  start(): void {
    this.life = this.live();
  }

  /** @throws StartRefusedError  when it was given up */
  async untilListening(timeoutMs: number): Promise<boolean> {
    return (await waitUntil(() => this.orGivenUp(this.url !== undefined), timeoutMs)) ?? false;
  }

  /** @throws StartRefusedError  when it was given up */
  async untilReady(timeoutMs: number): Promise<boolean> {
    const ask = async () => this.orGivenUp(await this.isReady());
    return (await waitUntil(ask, timeoutMs, 100)) ?? false;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.pause) {
      clearTimeout(this.pause.timer);
      this.pause.over();
    }
    await this.child?.stop(this.options.stopDeadlineMs);
    await this.life;
  }

  kill(): void {
    this.stopping = true;
    this.child?.kill();
  }

  /** Something to stop waiting for, or undefined. */
  private orGivenUp(reached: boolean): boolean | undefined {
    if (this.stopping) return false;
    if (this.gaveUp) throw new StartRefusedError(`${this.name} ended (${this.gaveUp})`);
    return reached || undefined;
  }

  private async isReady(): Promise<boolean> {
    if (!this.url || !this.child?.isRunning()) return false;
    try {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false; // not yet
    }
  }

  private async live(): Promise<void> {
    let shortLives = 0;
    while (!this.stopping && !this.gaveUp) {
      const bornAt = Date.now();
      const how = await this.oneLife();
      if (this.stopping) return;
      shortLives = Date.now() - bornAt > healthyMs ? 1 : shortLives + 1;
      const againInMs = this.gaveUp ? undefined : backoffMs(shortLives);
      this.options.onDeath(how, againInMs);
      if (againInMs !== undefined) await this.rest(againInMs);
    }
  }

  private async oneLife(): Promise<string> {
    const { plan, script, cwd, env, pidFile, stopDeadlineMs } = this.options;
    // One that picked its port keeps it: others have been told.
    const port = plan.port || this.listeningOn || 0;
    try {
      this.child = await startProcess({
        name: plan.name,
        command: process.execPath,
        args: ['--enable-source-maps', script],
        cwd,
        env: { ...env, [plan.portVariable]: String(port) },
        pidFile,
        stopDeadlineMs,
        onLine: (line) => this.read(line),
      });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (this.stopping) void this.child.stop(stopDeadlineMs); // told to stop while it was being started
    const end = await this.child.ended;
    if (end.code === wrongConfiguration) this.gaveUp = 'wrong configuration';
    return this.gaveUp ?? describeEnd(end);
  }

  private read(line: string): void {
    const entry = parseLogLine(line);
    if (entry?.['msg'] === 'listening' && typeof entry['port'] === 'number') {
      this.listeningOn = entry['port'];
    }
    this.options.onLine(line);
  }

  private async rest(ms: number): Promise<void> {
    await new Promise<void>((over) => {
      this.pause = { timer: setTimeout(over, ms), over };
    });
    this.pause = undefined;
  }
}
