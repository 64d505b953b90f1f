import { join } from 'node:path';
import Redis from 'ioredis';
import {
  projectRoot,
  type RedisSet,
  type RunningRedis,
  startRedis,
  startRedisCluster,
  startSentinelSet,
} from '../system/support/stack';
import { pause } from './pause';

export const redisKinds = ['single', 'sentinel', 'cluster'] as const;
export type RedisKind = (typeof redisKinds)[number];

/** The Redis of one run, of whatever kind, and what can be done to it. */
export interface ChaosRedis {
  /** What services need to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** The one server; a set is not behind a wire, because it says itself where its servers are. */
  readonly url: string | undefined;
  /** SIGKILL of a server that takes writes and, after a while, back with the same data. */
  kill(downMs: number): Promise<void>;
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

export function startChaosRedis(kind: RedisKind, dataDir: string): Promise<ChaosRedis> {
  const options = { dataDir, cacheDir: join(projectRoot(), '.data', 'cache') };
  if (kind === 'single') return SingleRedis.start(options);
  return SetOfRedis.start(kind === 'sentinel' ? startSentinelSet : startRedisCluster, options);
}

interface Folders {
  readonly dataDir: string;
  readonly cacheDir: string;
}

class SingleRedis implements ChaosRedis {
  readonly env = {};

  private constructor(
    private readonly options: Folders,
    private server: RunningRedis,
  ) {}

  static async start(options: Folders): Promise<SingleRedis> {
    return new SingleRedis(options, await startRedis(options));
  }

  get url(): string {
    return this.server.url;
  }

  async kill(downMs: number): Promise<void> {
    process.kill(-this.server.pid, 'SIGKILL');
    await this.server.stop();
    await pause(downMs);
    this.server = await startRedis(this.options);
  }

  async wipe(): Promise<void> {
    const client = new Redis(this.url);
    await client.flushall();
    await client.quit();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

class SetOfRedis implements ChaosRedis {
  readonly url = undefined;

  private constructor(private readonly set: RedisSet) {}

  static async start(
    startSet: (options: Folders) => Promise<RedisSet>,
    options: Folders,
  ): Promise<SetOfRedis> {
    return new SetOfRedis(await startSet(options));
  }

  get env(): Readonly<Record<string, string>> {
    return this.set.env;
  }

  async kill(downMs: number): Promise<void> {
    const victim = await this.set.killMaster();
    await pause(downMs);
    await victim.up();
  }

  wipe(): Promise<void> {
    return this.set.wipe();
  }

  stop(): Promise<void> {
    return this.set.stop();
  }
}
