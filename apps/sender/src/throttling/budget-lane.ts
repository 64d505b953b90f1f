import type { Clock } from '@common/kernel';

import { FairQueue, type Waiting } from './fair-queue';
import type { Bucket, BudgetRequest, Grant } from './send-budget.port';
import type { Slots } from './slots';

/** A slot that this process comes to so much too late is not used: calls of other slots are under way by now. */
const MAX_LATE_MS = 100;
/** A notice that found no free slot for so many calls takes one: other processes' answers must not starve it. */
const CALLS_UNTIL_NOTICE = 5;

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
  /** When notices last had a slot, or began to want one. */
  private noticesWaitSinceMs = 0;
  /** A necessary call came since the last question for a slot. */
  private isRung = false;
  /** Ends the rest before the next question about an unnecessary call. */
  private bell: AbortController | null = null;

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
      if (purpose === 'notice' && !this.queue.hasNotices)
        this.noticesWaitSinceMs = this.clock.now();
      this.queue.add(asker);
      if (purpose !== 'frame') this.ring();
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    let hasMissed = false;
    while (!this.queue.isEmpty) {
      const askedAtMs = this.clock.now();
      this.isRung = false;
      const isNecessary = this.queue.hasAnswers || this.noticeDueInMs <= 0;
      const slot = await this.slots.take(this.bucket, isNecessary ? 'must' : 'may');
      if (slot.isGranted) {
        if (slot.waitMs > 0) await this.clock.sleep(slot.waitMs);
        const grant = { takenAtUs: slot.takenAtUs, dueAtMs: askedAtMs + slot.waitMs };
        // Not twice in a row: a machine that is always late must come to its calls too.
        hasMissed = !hasMissed && isMissed(grant, this.clock.now());
        if (!hasMissed) this.grantNext(grant);
      } else {
        const waitMs = Math.min(slot.waitMs, this.noticeDueInMs);
        await this.rest(Math.max(1, waitMs));
      }
    }
    this.isRunning = false;
  }

  private ring(): void {
    this.isRung = true;
    this.bell?.abort('rung');
  }

  private async rest(ms: number): Promise<void> {
    if (this.isRung) return;
    this.bell = new AbortController();
    await this.clock.sleep(ms, this.bell.signal);
    this.bell = null;
  }

  private grantNext(grant: Grant): void {
    const next = this.queue.take();
    if (next?.purpose === 'notice') this.noticesWaitSinceMs = this.clock.now();
    next?.grant(grant);
  }

  /** Alone here, notices take what is left over by all processes, but a fifth of the bucket at least. */
  private get noticeDueInMs(): number {
    if (!this.queue.hasNotices) return Number.POSITIVE_INFINITY;
    const shareMs = (CALLS_UNTIL_NOTICE * 1_000) / this.bucket.callsPerSecond;
    return this.noticesWaitSinceMs + shareMs - this.clock.now();
  }
}

/** Slots of our own pace, without Redis, are nobody else's. */
const isMissed = ({ takenAtUs, dueAtMs }: Grant, now: number): boolean =>
  takenAtUs > 0 && now - dueAtMs > MAX_LATE_MS;
