import type Redis from 'ioredis';

import { Announcer, type Announcement, type AnnouncementName } from '@common/contracts';

import type { RedisKeys } from './redis-keys';

/** Says news over Redis pub/sub. While Redis is away nothing is said; everybody reconciles anyway. */
export class RedisAnnouncer extends Announcer {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  async announce<N extends AnnouncementName>(name: N, news: Announcement<N>): Promise<void> {
    try {
      // The envelope of @nestjs/microservices, so that its handlers (@EventPattern) understand it.
      await this.redis.publish(
        this.keys.announcements,
        JSON.stringify({ pattern: name, data: news }),
      );
    } catch (error) {
      this.onFault(error);
    }
  }
}
