import type { Clock } from './clock.port';

interface Wait {
  readonly dueAtMs: number;
  readonly expire: () => void;
}

/**
 * Waits that may all last equally long, with one timer for all of them: the oldest is due first. For hot paths, where a
 * timer and an `AbortController` for each would cost more than the work that is waited for.
 */
export class Deadlines {
  /** In the order they are due. */
  private readonly waits = new Set<Wait>();
  /** Aborted when nothing waits any more; null iff nobody keeps time. */
  private calm: AbortController | null = null;

  constructor(
    private readonly clock: Clock,
    readonly ms: number,
  ) {}

  /** Calls `expire` when the time is over. @returns ends the wait before that; to call it later does no harm */
  begin(expire: () => void): () => void {
    const wait = { dueAtMs: this.clock.now() + this.ms, expire };
    this.waits.add(wait);
    if (!this.calm) void this.keepTime((this.calm = new AbortController()).signal);
    return () => this.end(wait);
  }

  /** What `work` gives, or undefined when it takes longer; then it goes on unheeded, and may fail. */
  within<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const end = this.begin(() => resolve(undefined));
      const settle =
        <V>(tell: (value: V) => void) =>
        (value: V): void => {
          end();
          tell(value);
        };
      work.then(settle(resolve), settle(reject));
    });
  }

  private end(wait: Wait): void {
    if (!this.waits.delete(wait) || this.waits.size > 0) return;
    // Without a reason it would be an error with a stack.
    this.calm?.abort('calm');
    this.calm = null;
  }

  private async keepTime(calm: AbortSignal): Promise<void> {
    for (let next = this.oldest; next; next = this.oldest) {
      await this.clock.sleep(next.dueAtMs - this.clock.now(), calm);
      if (calm.aborted) return;
      this.expireDue();
    }
    this.calm = null;
  }

  private get oldest(): Wait | undefined {
    const [oldest] = this.waits;
    return oldest;
  }

  private expireDue(): void {
    const now = this.clock.now();
    for (const wait of this.waits) {
      // Who seems to have more time than all get began before the clock was put back.
      const isDue = wait.dueAtMs <= now || wait.dueAtMs - now > this.ms;
      if (!isDue) return;
      this.waits.delete(wait);
      wait.expire();
    }
  }
}
