import type Redis from 'ioredis';

/**
 * Subscribes now and after every reconnect. ioredis would do the latter by itself, but a connection that is lost at that
 * very moment becomes a rejection nobody can catch; so `connectRedis` turns that off.
 */
export function keepSubscribed(
  redis: Redis,
  channel: string,
  onFault: (error: unknown) => void,
): void {
  const subscribe = (): void => void redis.subscribe(channel).catch(onFault);
  redis.on('ready', subscribe);
  if (redis.status === 'ready') subscribe();
}
