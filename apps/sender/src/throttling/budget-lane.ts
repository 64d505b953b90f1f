import type { Clock } from '@common/kernel';

import { FairQueue, type Waiting } from './fair-queue';
import type { Bucket, BudgetRequest, Grant } from './send-budget.port';
import type { Slots } from './slots';

/** A slot that this process comes to so much too late is not used: calls of other slots are under way by now. */
const MAX_LATE_MS = 100;

interface Asker extends Waiting {
  readonly grant: (grant: Grant | null) => void;
}

/**
 * What of this process waits for one bucket. The lane takes one slot at a time and decides when the slot has come who
 * gets it, so that a final frame overtakes whatever came before it; with one slot at a time of each process in hand,
 * processes share a bucket evenly.
 */
export class BudgetLane {
  private readonly queue = new FairQueue<Asker>();
  private isRunning = false;
  /** Ends the rest before the next question about an unnecessary call. */
  private bell = new AbortController();

  constructor(
    private readonly bucket: Bucket,
    private readonly slots: Slots,
    private readonly clock: Clock,
  ) {}

  get isIdle(): boolean {
    return !this.isRunning;
  }

  /** @returns null when the signal is aborted before a slot came */
  turn({ purpose, flow }: BudgetRequest, signal: AbortSignal): Promise<Grant | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const asker: Asker = { purpose, flow, grant: (grant) => settle(grant) };
      const withdraw = (): void => {
        this.queue.remove(asker);
        settle(null);
      };
      const settle = (grant: Grant | null): void => {
        signal.removeEventListener('abort', withdraw);
        resolve(grant);
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.queue.add(asker);
      if (purpose !== 'frame') this.bell.abort();
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    let hasMissed = false;
    while (!this.queue.isEmpty) {
      const askedAtMs = this.clock.now();
      this.bell = new AbortController();
      const isNecessary = this.queue.hasNecessary;
      const slot = await this.slots.take(this.bucket, isNecessary ? 'must' : 'may');
      if (slot.isGranted) {
        if (slot.waitMs > 0) await this.clock.sleep(slot.waitMs);
        // Not twice in a row: a machine that is always late must come to its calls too.
        hasMissed = !hasMissed && isMissed(slot.grant, this.clock.now() - askedAtMs - slot.waitMs);
        if (!hasMissed) this.queue.take()?.grant(slot.grant);
      } else await this.clock.sleep(Math.max(1, slot.waitMs), this.bell.signal);
    }
    this.isRunning = false;
  }
}

/** Slots of our own pace, without Redis, are nobody else's. */
const isMissed = ({ takenAtUs }: Grant, lateMs: number): boolean =>
  takenAtUs > 0 && lateMs > MAX_LATE_MS;
