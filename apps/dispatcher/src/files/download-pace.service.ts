import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { RedisKeys } from '@common/redis';

import { FileLaterError } from './file.errors';
import type { WantedFile } from './file.repository';

/** Of one app and API path, as the platform counts (messaging reference §7.1); what senders assume, too. */
const CALLS_PER_SECOND = 18;
const WINDOW_MS = 1_000;

/**
 * Keeps all dispatchers together below what an app may call for links to files (P7). A window holds half of what a second
 * may: so no second has more, wherever it begins. Whoever finds no room comes again in the next window.
 */
@Injectable()
export class DownloadPace {
  constructor(
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly clock: Clock,
  ) {}

  /** @throws FileLaterError when there is no room now, or Redis cannot be asked */
  async pass({ channel }: WantedFile): Promise<void> {
    const window = Math.floor(this.clock.now() / WINDOW_MS);
    const key = this.keys.fileLinks(channel.clientId, window);
    const most = Math.max(1, Math.floor((channel.callsPerSecond ?? CALLS_PER_SECOND) / 2));
    const taken = await this.taken(key);
    if (taken > most) throw new FileLaterError(WINDOW_MS);
  }

  private async taken(key: string): Promise<number> {
    try {
      const [counted] =
        (await this.redis
          .multi()
          .incr(key)
          .pexpire(key, 5 * WINDOW_MS)
          .exec()) ?? [];
      return Number(counted?.[1] ?? 0);
    } catch (error) {
      throw new FileLaterError(WINDOW_MS, error);
    }
  }
}
