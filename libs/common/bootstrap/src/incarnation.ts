import { hostname } from 'node:os';

import { type Clock, newId } from '@common/kernel';
import type { Logger } from '@common/logging';
import type { Database } from '@common/persistence';

import { KEY_VIEW, type KeyView, type SealingKey } from './sealing-key';

/** A process that was not seen for this long has lost what it owned (database clock). */
export const LEASE_MS = 6_000;
const BEAT_MS = 2_000;

/**
 * This process as an owner of rows: an id that no other process and no earlier life of this one has, and the heartbeat
 * that is the lease on everything it owns. One statement per beat, whatever the number of rows.
 */
export class Incarnation {
  readonly id = newId();
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  /** Our clock when the last successful beat was sent; the lease counts from there. */
  private seenAtMs = Number.NEGATIVE_INFINITY;
  private terms = 0;
  /** Since when beats succeed without interruption, and how long that must last before we take anything over. */
  private steadySinceMs = Number.POSITIVE_INFINITY;
  private patienceMs = LEASE_MS;

  constructor(
    readonly service: string,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Told by the same statement what the others can open. */
    private readonly sealingKey: SealingKey,
  ) {}

  async start(): Promise<void> {
    await this.sealingKey.begin(this.id);
    await this.beat();
    this.timer = setInterval(() => void this.beat(), BEAT_MS);
  }

  /**
   * Whether rows of owners that were not seen may be taken. After Postgres was away nobody's beat arrived, so the living
   * look dead for a moment: wait two lease periods.
   */
  mayTakeOver(): boolean {
    return this.clock.now() - this.steadySinceMs >= this.patienceMs;
  }

  /** Counts the unbroken stretches of our lease. What was claimed in an earlier one may belong to somebody else by now. */
  get term(): number {
    return this.terms;
  }

  /**
   * Whether the lease of this term lasts at least another `ms`; beats at once when it would not. A process that wakes
   * from a pause finds its term over.
   */
  async holdsFor(ms: number, term: number): Promise<boolean> {
    if (!this.lasts(ms)) await this.beat();
    return this.terms === term && this.lasts(ms);
  }

  /** Gives up the lease, so that nobody has to wait for it to run out. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await this.database.platformOnce(
      `UPDATE incarnation SET stopped_at = now(), seen_at = now() - interval '1 hour' WHERE id = $1`,
      [this.id],
    );
  }

  private lasts(ms: number): boolean {
    return this.seenAtMs + LEASE_MS > this.clock.now() + ms;
  }

  private beat(): Promise<void> {
    this.beating ??= this.write().finally(() => (this.beating = undefined));
    return this.beating;
  }

  private async write(): Promise<void> {
    const sentAt = this.clock.now();
    try {
      const [view] = await this.database.platformOnce<KeyView & Record<string, unknown>>(BEAT, [
        ...[this.id, this.service, hostname(), process.pid],
        ...[this.sealingKey.said, this.sealingKey.known],
      ]);
      if (this.steadySinceMs === Number.POSITIVE_INFINITY) this.steadySinceMs = sentAt;
      if (sentAt > this.seenAtMs + LEASE_MS) this.terms += 1;
      this.seenAtMs = sentAt;
      if (view) await this.sealingKey.look(view, this.mayTakeOver());
    } catch (error) {
      this.steadySinceMs = Number.POSITIVE_INFINITY;
      this.sealingKey.loseSight();
      this.patienceMs = 2 * LEASE_MS;
      this.logger.warn('heartbeat failed', { error });
    }
  }
}

const BEAT = {
  name: 'incarnation.beat',
  text: `INSERT INTO incarnation (id, service, host, pid, sealing_key, known_keys) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET seen_at = now(), sealing_key = EXCLUDED.sealing_key
    RETURNING ${KEY_VIEW}`,
};
