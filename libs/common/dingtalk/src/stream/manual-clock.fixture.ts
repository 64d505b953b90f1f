import { Clock } from '@common/kernel';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until told otherwise. `sleepers` shows what waits: a leak would stay there. */
export class ManualClock extends Clock {
  readonly sleepers = new Set<Sleeper>();
  private nowMs = 1_000_000;

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { wakeAtMs: this.nowMs + ms, wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Wakes whoever is due, in order of time. */
  advance(ms: number): void {
    this.nowMs += ms;
    const due = [...this.sleepers].filter(({ wakeAtMs }) => wakeAtMs <= this.nowMs);
    due.sort((a, b) => a.wakeAtMs - b.wakeAtMs).forEach(({ wake }) => wake());
  }
}
