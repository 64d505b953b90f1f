import { Clock } from '@common/kernel';

import { settled } from '../settled';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until told otherwise. `sleepers` shows what waits: a leak would stay there. */
export class ManualClock extends Clock {
  readonly sleepers = new Set<Sleeper>();

  constructor(private nowMs = Date.UTC(2025, 0, 1)) {
    super();
  }

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

  /** Moves the hands only: as after a pause of the whole process, nobody wakes before the time is over. */
  jump(ms: number): void {
    this.nowMs += ms;
    const due = [...this.sleepers].filter(({ wakeAtMs }) => wakeAtMs <= this.nowMs);
    due.sort((a, b) => a.wakeAtMs - b.wakeAtMs).forEach(({ wake }) => wake());
  }

  /** Lets time pass as it does: one sleeper after the other, each with time to do what it woke for. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await settled();
      const nextMs = Math.min(...[...this.sleepers].map(({ wakeAtMs }) => wakeAtMs));
      if (nextMs > endMs) break;
      this.jump(Math.max(0, nextMs - this.nowMs));
    }
    this.jump(endMs - this.nowMs);
    await settled();
  }
}
