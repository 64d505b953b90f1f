import { Injectable } from '@nestjs/common';

import { Incarnation, LEASE_MS } from '@common/bootstrap';
import { Announcer } from '@common/contracts';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';

import { Rounds } from '../rounds';
import { within } from '../within';
import type { View } from './decide-ownership';
import { GatewayRowsRepository } from './gateway-rows.repository';
import { BEAT_MS, type Claim, type LedgerState, type Release } from './lease';
import { LeaseLedger } from './lease-ledger.service';
import { OwnershipMetrics } from './ownership-metrics.service';
import { Standing } from './standing';

/** What is told within this time goes out in one round. */
const GATHER_MS = 50;
/** How often a leaving gateway looks whether others have taken over, if no news tell it sooner. */
const LEAVING_MS = 500;
/** Redis has this long to answer at boot before the gateway goes on without it… */
const FIRST_ANSWER_MS = 1_000;
/** …and is asked so often. */
const FIRST_LOOK_MS = 100;
/** A member is looked for this long after its lease has ended, so that its channels need not wait for a beat. */
const AFTER_EXPIRY_MS = 50;
/** Postgres may be asked this long who lives: a beat that waits for a store that hangs is missed by the others. */
const ROWS_MS = 1_000;
/** At most so long nothing is opened after a pause: longer than a round takes that gets no answer. */
const AWAKE_MS = 3_000;

export interface Wishes {
  readonly claims: readonly Claim[];
  readonly releases: readonly Release[];
}

/** The conversation of this gateway with the others: a beat every 2 s, sooner when there is something to say. */
@Injectable()
export class LeaseRounds {
  private readonly standing: Standing;
  private readonly rounds: Rounds;
  private startedAtMs = Number.POSITIVE_INFINITY;
  private hasAnswered = false;
  /** When the last round ended; a long time ago means that this process was paused. */
  private endedAtMs = Number.NEGATIVE_INFINITY;
  private ended = new AbortController();
  private toldMode: 'in' | 'out' | undefined;
  private wishes: () => Wishes = () => ({ claims: [], releases: [] });
  private onRound: () => void = () => undefined;

  constructor(
    private readonly ledger: LeaseLedger,
    private readonly rows: GatewayRowsRepository,
    private readonly announcer: Announcer,
    private readonly incarnation: Incarnation,
    private readonly metrics: OwnershipMetrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.standing = new Standing(incarnation.id, clock);
    this.rounds = new Rounds(() => this.round(), {
      clock,
      gatherMs: GATHER_MS,
      pauseMs: () => this.pauseMs(),
      onError: (error) => this.logger.warn('channel leases not looked at', { error }),
    });
  }

  /** @param onRound the view may have changed */
  start(wishes: () => Wishes, onRound: () => void): void {
    this.wishes = wishes;
    this.onRound = onRound;
    this.startedAtMs = this.clock.now();
    this.endedAtMs = this.startedAtMs;
    this.rounds.start();
  }

  /** Undefined until Redis has answered, or has had its time to. */
  get view(): View | undefined {
    const isLate = this.clock.now() - this.startedAtMs >= FIRST_ANSWER_MS;
    return this.hasAnswered || isLate ? this.standing.view : undefined;
  }

  /** The next round is now. While Redis is away it can wait for the next beat. */
  soon(): void {
    if (!this.standing.isAway) this.rounds.soon();
  }

  /**
   * Resolves at once, except in a process that was paused for longer than its leases: there after the next round, when it
   * has seen what it lost, or after a few seconds all the same. So nothing is opened that belongs to somebody else by now.
   */
  async awake(): Promise<void> {
    if (this.clock.now() - this.endedAtMs <= LEASE_MS) return;
    this.rounds.soon();
    await this.clock.sleep(AWAKE_MS, this.ended.signal);
  }

  /** Takes no channels any more; the others see it and take over. */
  prepareToLeave(): void {
    this.standing.isLeaving = true;
    this.soon();
  }

  /** Whether somebody is there who could take our channels over. */
  get canHandOver(): boolean {
    return this.hasAnswered && !this.standing.isAway && this.standing.view.sharers.length > 0;
  }

  async leave(): Promise<void> {
    await this.rounds.stop();
    try {
      await this.ledger.leave();
      await this.tell();
    } catch (error) {
      this.logger.debug('leases left to run out', { error });
    }
  }

  private pauseMs(): number {
    if (!this.hasAnswered && this.clock.now() - this.startedAtMs < FIRST_ANSWER_MS)
      return FIRST_LOOK_MS;
    if (this.standing.isLeaving) return LEAVING_MS;
    const expiryMs = this.standing.nextExpiryMs + AFTER_EXPIRY_MS;
    return Math.min(BEAT_MS, Math.max(expiryMs, AFTER_EXPIRY_MS));
  }

  private async round(): Promise<void> {
    const mode = this.standing.isLeaving ? 'out' : 'in';
    const wishes = this.wishes();
    try {
      const state = await this.ledger.exchange({ mode, ...wishes });
      this.hasAnswered = true;
      this.standing.heard(state);
      await this.note(mode, wishes, state);
    } catch (error) {
      // Static stability (P11): everything stays as it is, and everybody else may be as cut off as we are.
      this.standing.missed();
      this.logger.debug('lease ledger away', { error });
    }
    if (!this.standing.isSteady) this.standing.saw(await this.seenInPostgres());
    this.onRound();
    this.endedAtMs = this.clock.now();
    this.ended.abort();
    this.ended = new AbortController();
  }

  /** What was granted, for metrics; and the others are told what they would see 2 s later. */
  private async note(mode: 'in' | 'out', { claims }: Wishes, state: LedgerState): Promise<void> {
    const isMine = (seat: string): boolean =>
      state.leases.get(seat)?.holder === this.incarnation.id;
    const granted = claims.filter(
      ({ seat, sinceMs }) => isMine(seat) && state.leases.get(seat)?.sinceMs === sinceMs,
    );
    granted.forEach(({ reason }) => this.metrics.changed(reason));
    this.metrics.saw({
      held: [...state.leases.keys()].filter(isMine).length,
      members: state.members.length,
    });
    const isNews = mode !== this.toldMode || granted.some(({ reason }) => reason !== 'renew');
    this.toldMode = mode;
    if (isNews) await this.tell();
  }

  private tell(): Promise<void> {
    return this.announcer.announce('gateway.changed', { gatewayId: this.incarnation.id });
  }

  private async seenInPostgres(): Promise<string[] | undefined> {
    try {
      return await within(this.clock, ROWS_MS, this.rows.alive());
    } catch (error) {
      this.logger.debug('gateways not seen in postgres', { error });
      return undefined;
    }
  }
}
