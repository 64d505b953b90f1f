import type { Clock } from './clock.port';

export interface PeriodicOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  /** A round that failed; the next one comes all the same. */
  readonly onError: (error: unknown) => void;
}

/** Does the same work round after round, never two rounds at a time, until it is stopped. */
export class Periodic {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: (signal: AbortSignal) => Promise<unknown>,
    private readonly options: PeriodicOptions,
  ) {}

  /** The first round comes after the first pause. */
  start(): void {
    this.running = this.loop();
  }

  /** Resolves when the round that was under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { everyMs, clock, onError } = this.options;
    const { signal } = this.stopping;
    for (;;) {
      await clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      try {
        await this.work(signal);
      } catch (error) {
        onError(error);
      }
    }
  }
}
