import type { Clock } from '@common/kernel';

export interface RoundsOptions {
  readonly clock: Clock;
  /** Pause until the next round, asked after each. */
  readonly pauseMs: () => number;
  /** What is told in this time causes one round together. */
  readonly gatherMs?: number;
  readonly onError: (error: unknown) => void;
}

/** Does the same work round after round, sooner when told; never two rounds at a time. The first round is at once. */
export class Rounds {
  private readonly stopping = new AbortController();
  private nudge = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<void>,
    private readonly options: RoundsOptions,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  /** The next round is now; however often it is said while one runs, one more follows. */
  soon(): void {
    this.nudge.abort();
  }

  /** Resolves when the round that was under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.nudge.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { clock, pauseMs, gatherMs = 0, onError } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.nudge = new AbortController();
      try {
        await this.work();
      } catch (error) {
        onError(error);
      }
      if (signal.aborted) return;
      await clock.sleep(pauseMs(), this.nudge.signal);
      await clock.sleep(gatherMs, signal);
    }
  }
}
