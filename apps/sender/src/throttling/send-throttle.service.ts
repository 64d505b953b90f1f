import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { RedisKeys } from '@common/redis';

import { gcraLua } from './gcra.lua';

/** Whose calls are counted: one bucket per app and API path template, as the platform counts (§7.1). */
export interface Bucket {
  readonly clientId: string;
  readonly path: string;
  readonly callsPerSecond: number;
}

/** Two calls may come at once; with 18 per second no window of a second holds more than 20. */
const BURST = 2;
/** While Redis is away: one necessary call per second, process, app and path, and no intermediate frames. */
const ALONE_MS = 1_000;

type GcraRedis = Redis & {
  carillonGcra(
    key: string,
    intervalUs: number,
    burst: number,
    mode: string,
    pauseUs: number,
  ): Promise<number>;
};

/** Keeps all senders together below the platform's limit (P7). Final and create frames go before intermediate ones. */
@Injectable()
export class SendThrottle {
  private readonly redis: GcraRedis;
  /** Our own pace while Redis is away: the next free moment per bucket. */
  private readonly alone = new Map<string, number>();

  constructor(
    @Inject(SHARED_REDIS) redis: Redis,
    private readonly keys: RedisKeys,
    private readonly clock: Clock,
  ) {
    redis.defineCommand('carillonGcra', { numberOfKeys: 1, lua: gcraLua });
    this.redis = redis as GcraRedis;
  }

  /** Waits for the bucket's next slot. For calls that must happen: final, create, text. */
  async turn(bucket: Bucket, signal: AbortSignal): Promise<void> {
    let waitMs: number;
    try {
      waitMs = (await this.run(bucket, 'reserve')) / 1_000;
    } catch {
      // Redis is away: the slow pace of a process on its own.
      waitMs = this.aloneWait(bucket);
    }
    if (waitMs > 0) await this.clock.sleep(waitMs, signal);
  }

  /** Whether an intermediate frame may go right now. */
  async mayGoNow(bucket: Bucket): Promise<boolean> {
    try {
      return (await this.run(bucket, 'try')) >= 0;
    } catch {
      // Redis is away: no intermediate frames.
      return false;
    }
  }

  /** The platform said "too fast": nobody calls for `ms`. */
  async pause(bucket: Bucket, ms: number): Promise<void> {
    try {
      await this.run(bucket, 'pause', ms * 1_000);
    } catch {
      this.alone.set(keyOf(bucket), this.clock.now() + ms);
    }
  }

  private run(bucket: Bucket, mode: string, pauseUs = 0): Promise<number> {
    const intervalUs = Math.ceil(1_000_000 / bucket.callsPerSecond);
    return this.redis.carillonGcra(
      this.keys.budget(bucket.clientId, bucket.path),
      intervalUs,
      BURST,
      mode,
      pauseUs,
    );
  }

  private aloneWait(bucket: Bucket): number {
    const now = this.clock.now();
    const at = Math.max(now, this.alone.get(keyOf(bucket)) ?? 0);
    this.alone.set(keyOf(bucket), at + ALONE_MS);
    return at - now;
  }
}

const keyOf = ({ clientId, path }: Bucket): string => `${clientId} ${path}`;
