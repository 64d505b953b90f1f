import Redis, { Cluster, type RedisOptions } from 'ioredis';

import type { RedisPlace } from './redis-nodes';
import { watchPath } from './watch-path';

export interface RedisConnectionOptions extends RedisPlace {
  readonly name: string;
  /** `patient`: commands wait for Redis (workers, subscribers). `impatient`: they fail at once while it is away. */
  readonly mood: 'patient' | 'impatient';
  readonly onError: (error: Error) => void;
  /** Between two looks whether the path still lives; dead after three without an answer. */
  readonly pingMs?: number;
}

/** Every connection to Redis is made here: it reconnects for ever, never ends the process and never blocks a boot. */
export function connectRedis({ pingMs = 5_000, ...options }: RedisConnectionOptions): Redis {
  const redis = connection(options);
  redis.on('error', options.onError);
  watchPath(redis, pingMs);
  return redis;
}

function connection({ url, nodes, name, mood }: RedisConnectionOptions): Redis {
  const common: RedisOptions = {
    connectionName: name,
    maxRetriesPerRequest: mood === 'patient' ? null : 1,
    enableOfflineQueue: mood === 'patient',
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // See keepSubscribed.
    autoResubscribe: false,
    // A replica that was promoted away from under us refuses writes: reconnect and find the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(mood === 'impatient' ? { commandTimeout: 2_000 } : {}),
  };
  if (nodes?.kind === 'cluster') return clusterOf(url, nodes.nodes, common);
  if (nodes?.kind !== 'sentinel') return new Redis(url, { ...common, retryStrategy: retryMs });
  return new Redis({
    ...credentialsOf(url),
    ...common,
    retryStrategy: retryMs,
    sentinels: [...nodes.sentinels],
    name: nodes.name,
    ...(nodes.password === undefined ? {} : { sentinelPassword: nodes.password }),
    sentinelRetryStrategy: retryMs,
  });
}

/** The commands that we use are the same on both, so nobody else has to know. Keys of one call share a slot: `RedisKeys`. */
function clusterOf(
  url: string,
  nodes: readonly { host: string; port: number }[],
  { enableOfflineQueue, ...redisOptions }: RedisOptions,
): Redis {
  const cluster = new Cluster([...nodes], {
    enableOfflineQueue: enableOfflineQueue ?? true,
    clusterRetryStrategy: retryMs,
    // Without TLS names of the nodes may be looked up; with it they must stay what the certificate says.
    dnsLookup: (address, callback) => callback(null, address),
    slotsRefreshTimeout: 5_000,
    retryDelayOnFailover: 200,
    redisOptions: { ...credentialsOf(url), ...redisOptions },
  });
  return cluster as unknown as Redis;
}

const retryMs = (times: number): number => Math.min(100 * times, 2_000);

function credentialsOf(url: string): Pick<RedisOptions, 'username' | 'password' | 'db' | 'tls'> {
  const { protocol, username, password, pathname } = new URL(url);
  const db = Number(pathname.slice(1) || 0);
  return {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(db > 0 ? { db } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
