import Redis, { type RedisOptions } from 'ioredis';

import { watchPath } from './watch-path';

export interface RedisConnectionOptions {
  readonly url: string;
  readonly name: string;
  /** `patient`: commands wait for Redis (workers, subscribers). `impatient`: they fail at once while it is away. */
  readonly mood: 'patient' | 'impatient';
  readonly onError: (error: Error) => void;
  /** Between two looks whether the path still lives; dead after three without an answer. */
  readonly pingMs?: number;
}

/** Every connection to Redis is made here: it reconnects for ever, never ends the process and never blocks a boot. */
export function connectRedis({
  url,
  name,
  mood,
  onError,
  pingMs = 5_000,
}: RedisConnectionOptions): Redis {
  const options: RedisOptions = {
    connectionName: name,
    maxRetriesPerRequest: mood === 'patient' ? null : 1,
    enableOfflineQueue: mood === 'patient',
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // See keepSubscribed.
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(100 * times, 2_000),
    // A replica that was promoted away from under us refuses writes: reconnect and find the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(mood === 'impatient' ? { commandTimeout: 2_000 } : {}),
  };
  const redis = new Redis(url, options);
  redis.on('error', onError);
  watchPath(redis, pingMs);
  return redis;
}
