import { LEASE_MS } from '@common/bootstrap';
import type { Clock } from '@common/kernel';

import type { View } from './decide-ownership';
import type { LedgerState, Member } from './lease';

/**
 * What this gateway may believe of the others. Redis counts once it has answered for a whole lease without a break and
 * without a wipe; until then everybody it does not name yet may be alive, so the rows of Postgres are asked, too (P11).
 */
export class Standing {
  private state: LedgerState = { nowMs: 0, epoch: '', members: [], leases: new Map() };
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private steadySinceMs = Number.POSITIVE_INFINITY;
  /** Gateways seen in Postgres, asked while Redis does not count; undefined: Postgres cannot tell. */
  private rows: readonly string[] | undefined;
  /** Whom Redis named when it counted last, and all it has named since. */
  private remembered: ReadonlySet<string> = new Set();
  isLeaving = false;

  constructor(
    private readonly me: string,
    private readonly clock: Clock,
  ) {}

  /** Redis has answered. */
  heard(state: LedgerState): void {
    const now = this.clock.now();
    const isBroken = state.epoch !== this.state.epoch || now - this.heardAtMs > LEASE_MS;
    if (isBroken || this.steadySinceMs > now) this.steadySinceMs = now;
    this.heardAtMs = now;
    this.state = state;
    const known = this.others.map(({ id }) => id);
    this.remembered = new Set(this.isSteady ? known : [...this.remembered, ...known]);
  }

  /** Redis did not answer: everybody's beat may be missing there. */
  missed(): void {
    this.steadySinceMs = Number.POSITIVE_INFINITY;
  }

  /** Postgres names these as alive; undefined: it cannot tell, so what was known goes on to count. */
  saw(gateways: readonly string[] | undefined): void {
    this.rows = gateways;
  }

  get isSteady(): boolean {
    return this.clock.now() - this.steadySinceMs >= LEASE_MS;
  }

  /** Redis did not answer the last time, or never yet. */
  get isAway(): boolean {
    return this.steadySinceMs === Number.POSITIVE_INFINITY;
  }

  /** Until the next of the others would be struck off, in ms; without Redis nobody is. */
  get nextExpiryMs(): number {
    if (this.isAway) return LEASE_MS;
    const ages = this.others.filter(({ isLeaving }) => !isLeaving).map((one) => one.seenAgoMs);
    return LEASE_MS - Math.max(0, ...ages) - (this.clock.now() - this.heardAtMs);
  }

  get view(): View {
    const { me, isSteady, isLeaving } = this;
    const leaving = new Set(this.others.filter((one) => one.isLeaving).map(({ id }) => id));
    if (isLeaving) leaving.add(me);
    const alive = new Set([me, ...this.believed()]);
    const redisNowMs = this.state.nowMs + this.clock.now() - this.heardAtMs;
    const sharers = [...alive].filter((id) => !leaving.has(id));
    return { me, isSteady, sharers, alive, leaving, leases: this.state.leases, redisNowMs };
  }

  private believed(): readonly string[] {
    const known = this.isAway ? [] : this.others.map(({ id }) => id);
    return this.isSteady ? known : [...known, ...(this.rows ?? this.remembered)];
  }

  private get others(): readonly Member[] {
    return this.state.members.filter(({ id }) => id !== this.me);
  }
}
