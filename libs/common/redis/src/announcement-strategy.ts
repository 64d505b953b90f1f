import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type Redis from 'ioredis';

import { announcements, type AnnouncementName } from '@common/contracts';

import { keepSubscribed } from './keep-subscribed';
import type { RedisKeys } from './redis-keys';

/**
 * The transport of the control plane for @nestjs/microservices. The stock Redis server strategy gives up when Redis is
 * away at boot and knows no Cluster; this one rides on our own connection, which reconnects for ever, and never blocks.
 */
export class AnnouncementStrategy extends Server implements CustomTransportStrategy {
  constructor(
    private readonly subscriber: Redis,
    private readonly keys: RedisKeys,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  listen(ready: () => void): void {
    this.subscriber.on('message', (_channel: string, text: string) => {
      this.hear(text).catch(this.onFault);
    });
    keepSubscribed(this.subscriber, this.keys.announcements, this.onFault);
    ready();
  }

  close(): void {
    this.subscriber.disconnect();
  }

  on(): never {
    throw new Error('the control plane has no events of its own');
  }

  unwrap<T>(): T {
    return this.subscriber as T;
  }

  /** Malformed news are dropped: they only make things faster. */
  private async hear(text: string): Promise<void> {
    const message = JSON.parse(text) as { pattern?: unknown; data?: unknown };
    const name = String(message.pattern) as AnnouncementName;
    const handler = this.getHandlerByPattern(name);
    if (!handler || !(name in announcements)) return;
    await handler(announcements[name].parse(message.data));
  }
}
