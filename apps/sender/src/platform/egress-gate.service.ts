import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { IP_BAN_MS } from '@common/dingtalk';
import { Clock, Periodic } from '@common/kernel';
import { Logger } from '@common/logging';
import { RedisKeys } from '@common/redis';

import { SenderConfig } from '../sender.config';
import { EgressStopRepository } from './egress-stop.repository';
import { EgressStoppedError } from './egress-stopped.error';

/** The platform bans an address above 10,000 calls in 20 s (messaging reference §7.1). */
const MAX_CALLS = 9_000;
const ALERT_AT_CALLS = 8_000;
const PERIOD_MS = 5_000;
/** The current period and what came in the 20 s before it. */
const PERIODS = 5;
const SYNC_EVERY_MS = 1_000;

/**
 * Every call leaves through here: the address of all senders behind one egress is counted together, and when the platform
 * bans it all calls of all apps stop for five minutes. Shared over Redis once a second, so that it costs a call nothing.
 */
@Injectable()
export class EgressGate {
  private readonly egress: string;
  private readonly rounds: Periodic;
  private stoppedUntilMs = 0;
  private unshared = 0;
  private shared = 0;
  private hasAlerted = false;

  constructor(
    config: SenderConfig,
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly stops: EgressStopRepository,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.egress = config.SENDER_EGRESS;
    this.rounds = new Periodic(() => this.share(), {
      everyMs: SYNC_EVERY_MS,
      clock,
      onError: (error) => logger.debug('egress not shared', { error }),
    });
  }

  async start(): Promise<void> {
    try {
      this.stopFor(await this.stops.leftMs(this.egress));
    } catch (error) {
      this.logger.debug('egress stop not read', { error });
    }
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** Milliseconds until calls may leave again; 0 when they may now. */
  get stoppedForMs(): number {
    return Math.max(0, this.stoppedUntilMs - this.clock.now());
  }

  /** Counts the call that is about to be made; waits when there were too many. @throws EgressStoppedError */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.shared + this.unshared >= MAX_CALLS && !signal.aborted)
      await this.clock.sleep(SYNC_EVERY_MS, signal);
    if (this.stoppedForMs > 0) throw new EgressStoppedError(this.stoppedForMs);
    this.unshared += 1;
  }

  /** The platform banned our address. */
  async ban(): Promise<void> {
    this.stopFor(IP_BAN_MS);
    this.logger.error('egress address banned', { egress: this.egress, durationMs: IP_BAN_MS });
    const told = await Promise.allSettled([
      this.redis.set(this.keys.egressStop(this.egress), '1', 'PX', IP_BAN_MS),
      this.stops.write(this.egress, IP_BAN_MS),
    ]);
    for (const one of told)
      if (one.status === 'rejected')
        this.logger.warn('egress stop not shared', { error: one.reason as unknown });
  }

  private stopFor(ms: number): void {
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, this.clock.now() + ms);
  }

  private async share(): Promise<void> {
    const period = Math.floor(this.clock.now() / PERIOD_MS);
    const key = (back: number): string => this.keys.egressCalls(this.egress, period - back);
    const mine = this.unshared;
    const pipeline = this.redis.pipeline();
    pipeline.pttl(this.keys.egressStop(this.egress));
    if (mine > 0) pipeline.incrby(key(0), mine).pexpire(key(0), (PERIODS + 1) * PERIOD_MS);
    pipeline.mget(...Array.from({ length: PERIODS }, (_, back) => key(back)));
    const results = (await pipeline.exec()) ?? [];
    const failed = results.find(([error]) => error)?.[0];
    if (failed) throw failed;
    this.unshared -= mine;
    this.stopFor(Math.max(0, Number(results[0]?.[1] ?? 0)));
    const counts = results.at(-1)?.[1] as (string | null)[];
    this.shared = counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
    this.alert();
  }

  private alert(): void {
    const isNear = this.shared >= ALERT_AT_CALLS;
    if (isNear && !this.hasAlerted)
      this.logger.error('near the limit of the address', { calls: this.shared });
    this.hasAlerted = isNear;
  }
}
