import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { RedisKeys } from '@common/redis';

import { budgetLua } from './budget.lua';
import { LearnedCeilings } from './learned-ceilings.repository';
import type { Bucket, Grant } from './send-budget.port';
import type { Slot, Slots } from './slots';

/**
 * So many calls may come at once, as parts of a second: at 18 per second one, so that no second holds more than 18. What
 * the platform allows above that (20) is for the way of the calls, which is not always equally long.
 */
const BURST = 1 / 20;
/** While Redis is away: one necessary call per second, process and app, and no intermediate frames. */
const ALONE_MS = 1_000;
const UNKNOWN = -2;

type Mode = 'must' | 'may' | 'slow' | 'move' | 'teach';
type BudgetRedis = Redis & {
  carillonBudget(
    path: string,
    app: string,
    mode: Mode,
    callsPerSecond: number,
    burst: number,
    ...more: (string | number)[]
  ): Promise<[number | string, number | string]>;
};

/** Time slots of all senders, in Redis: one round trip per decision. */
@Injectable()
export class RedisSlots implements Slots {
  private readonly redis: BudgetRedis;
  /** Our own pace while Redis is away: the next free moment per app. */
  private readonly alone = new Map<string, number>();

  constructor(
    @Inject(SHARED_REDIS) redis: Redis,
    private readonly keys: RedisKeys,
    private readonly ceilings: LearnedCeilings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    redis.defineCommand('carillonBudget', { numberOfKeys: 2, lua: budgetLua });
    this.redis = redis as BudgetRedis;
  }

  async take(bucket: Bucket, how: 'must' | 'may'): Promise<Slot> {
    try {
      let [first, second] = await this.run(bucket, how);
      if (first === UNKNOWN) {
        await this.teach(bucket);
        [first, second] = await this.run(bucket, how);
      }
      return slotOf(Number(first), Number(second));
    } catch (error) {
      this.logger.debug('budget without redis', { error });
      return this.takeAlone(bucket, how);
    }
  }

  async slowDown(bucket: Bucket, { takenAtUs }: Grant, pauseMs: number): Promise<void> {
    try {
      const [which, learned] = await this.run(bucket, 'slow', pauseMs * 1_000, takenAtUs);
      if (which !== 'path' && which !== 'app') return;
      const ceiling = Number(learned);
      const { channelId, path } = bucket;
      this.logger.warn('ceiling lowered', { channelId, path, of: which, ceiling });
      await this.ceilings.remember(bucket, which, ceiling);
    } catch (error) {
      this.logger.debug('budget without redis', { error });
      this.alone.set(bucket.clientId, this.clock.now() + pauseMs);
    }
  }

  /** Slots that nobody has yet come so much later: a call left late, and the next ones keep their distance to it. */
  async move(bucket: Bucket, byMs: number): Promise<void> {
    try {
      await this.run(bucket, 'move', Math.round(byMs * 1_000));
    } catch (error) {
      this.logger.debug('budget without redis', { error });
    }
  }

  /** A missing key: nobody called for a while, or Redis was wiped. */
  private async teach(bucket: Bucket): Promise<void> {
    const { path, app } = await this.ceilings.of(bucket);
    const us = (ageMs: number): string => String(Math.round(ageMs * 1_000));
    await this.run(bucket, 'teach', path.ceiling, us(path.ageMs), app.ceiling, us(app.ageMs));
  }

  private run(
    { clientId, path, callsPerSecond }: Bucket,
    mode: Mode,
    ...more: (string | number)[]
  ): Promise<[number | string, number | string]> {
    return this.redis.carillonBudget(
      this.keys.budget(clientId, path),
      this.keys.budget(clientId),
      mode,
      callsPerSecond,
      Math.max(1, callsPerSecond * BURST),
      ...more,
    );
  }

  private takeAlone({ clientId }: Bucket, how: 'must' | 'may'): Slot {
    if (how === 'may') return { isGranted: false, waitMs: ALONE_MS };
    const now = this.clock.now();
    const at = Math.max(now, this.alone.get(clientId) ?? 0);
    this.alone.set(clientId, at + ALONE_MS);
    return { isGranted: true, waitMs: at - now, takenAtUs: 0 };
  }
}

function slotOf(waitUs: number, second: number): Slot {
  if (waitUs < 0) return { isGranted: false, waitMs: second / 1_000 };
  return { isGranted: true, waitMs: waitUs / 1_000, takenAtUs: second };
}
