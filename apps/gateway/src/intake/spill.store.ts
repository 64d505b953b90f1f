import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';
import { RedisKeys } from '@common/redis';

import type { ChannelEntry } from './journal.repository';

const FIELD = 'sealed';

export interface SpilledEvent {
  /** Its place in the stream: when it came, by Redis's clock in ms, and a number. */
  readonly place: string;
  readonly sealed: Buffer;
}

/** Events that wait in Redis for Postgres: one stream for all gateways, in order of arrival, sealed (P8). */
@Injectable()
export class SpillStore {
  constructor(
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly secrets: SecretBox,
  ) {}

  /**
   * @returns whether it survives Redis's own death: asked behind the write and in the same round trip, for another look
   * may be seconds old @throws when Redis did not take it
   */
  async append(row: ChannelEntry): Promise<boolean> {
    const sealed = this.secrets.seal(JSON.stringify(row));
    const [, persistence] = await Promise.all([
      this.redis.xadd(this.keys.spill, '*', FIELD, sealed),
      this.redis.info('persistence'),
    ]);
    return isDurable(persistence);
  }

  /** @param after a place; null: from the beginning */
  async oldest(count: number, after: string | null): Promise<SpilledEvent[]> {
    const from = after === null ? '-' : `(${after}`;
    const found = await this.redis.xrangeBuffer(this.keys.spill, from, '+', 'COUNT', count);
    return found.map(([place, fields]) => ({
      place: place.toString(),
      sealed: fields[1] ?? Buffer.alloc(0),
    }));
  }

  /** @throws when it was sealed with a key we do not have, or is none of ours */
  open({ sealed }: SpilledEvent): ChannelEntry {
    return JSON.parse(this.secrets.openText(sealed)) as ChannelEntry;
  }

  async remove(events: readonly SpilledEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.redis.xdel(this.keys.spill, ...events.map(({ place }) => place));
  }

  /** Out of the way of the others, but not lost: an operator may find the key, or the reason. */
  async setAside(event: SpilledEvent): Promise<void> {
    await this.redis.xadd(this.keys.spillSetAside, 'MAXLEN', '~', 10_000, '*', FIELD, event.sealed);
    await this.remove([event]);
  }

  /** @returns how many events wait, and whether Redis survives its own death (append-only file on and written) */
  async look(): Promise<{ waiting: number; isDurable: boolean }> {
    const [waiting, persistence] = await Promise.all([
      this.redis.xlen(this.keys.spill),
      // Not CONFIG GET: managed ones forbid it.
      this.redis.info('persistence'),
    ]);
    return { waiting, isDurable: isDurable(persistence) };
  }
}

const isDurable = (persistence: string): boolean =>
  /^aof_enabled:1/m.test(persistence) && !/^aof_last_write_status:err/m.test(persistence);
