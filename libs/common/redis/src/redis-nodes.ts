import type { Secret } from '@common/config';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, when its URL names no single server. */
export type RedisNodes =
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      readonly name: string;
      readonly password: string | undefined;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] };

export interface RedisPlace {
  readonly url: string;
  readonly nodes?: RedisNodes;
}

interface RedisEnv {
  readonly REDIS_URL: Secret;
  readonly REDIS_SENTINELS?: readonly RedisNode[] | undefined;
  readonly REDIS_SENTINEL_NAME: string;
  readonly REDIS_SENTINEL_PASSWORD?: Secret | undefined;
  readonly REDIS_CLUSTER_NODES?: readonly RedisNode[] | undefined;
}

/** What the environment says of Redis (design §8). A Cluster wins over Sentinels: its nodes need none. */
export function redisPlaceOf(env: RedisEnv): RedisPlace {
  const url = env.REDIS_URL.reveal();
  if (env.REDIS_CLUSTER_NODES)
    return { url, nodes: { kind: 'cluster', nodes: env.REDIS_CLUSTER_NODES } };
  if (!env.REDIS_SENTINELS) return { url };
  const [name, password] = [env.REDIS_SENTINEL_NAME, env.REDIS_SENTINEL_PASSWORD?.reveal()];
  return { url, nodes: { kind: 'sentinel', sentinels: env.REDIS_SENTINELS, name, password } };
}
