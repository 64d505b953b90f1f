import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';
import { RedisKeys } from '@common/redis';

const PAGE = 200;
/** Events that are looked at (some 4 kB each). More than that wait only while Postgres is away, and nothing is retired then. */
const MOST = 10_000;

/** Events that wait in Redis for Postgres, or were set aside there: sealed, and in no table yet. */
@Injectable()
export class WaitingEvents {
  constructor(
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
  ) {}

  /** How many are sealed with each key; null when there are too many to look at. @throws when Redis is away */
  async byKey(): Promise<ReadonlyMap<string, number> | null> {
    const found = new Map<string, number>();
    for (const stream of [this.keys.spill, this.keys.spillSetAside]) {
      if ((await this.redis.xlen(stream)) > MOST) return null;
      await this.count(stream, found);
    }
    return found;
  }

  private async count(stream: string, found: Map<string, number>): Promise<void> {
    for (let from = '-'; ;) {
      const page = await this.redis.xrangeBuffer(stream, from, '+', 'COUNT', PAGE);
      for (const [, fields] of page) {
        const keyId = SecretBox.keyIdOf(fields[1] ?? Buffer.alloc(0));
        found.set(keyId, (found.get(keyId) ?? 0) + 1);
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      from = `(${last[0].toString()}`;
    }
  }
}
