import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { Installation } from '../system/support/installation';
import type { ServiceName } from '../system/support/service-process';
import {
  projectRoot,
  type RunningPgBouncer,
  type RunningPostgres,
  startPgBouncer,
  startPostgres,
} from '../system/support/stack';
import type { Link } from './chaos-plan';
import { type ChaosRedis, type RedisKind, startChaosRedis } from './chaos-redis';
import { pause } from './pause';
import { TcpProxy } from './tcp-proxy';

export interface ChaosWorldOptions {
  readonly replicas: Partial<Record<ServiceName, number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly redis?: RedisKind;
  /** PgBouncer in transaction mode between the services and Postgres. */
  readonly pooled?: boolean;
}

/** An installation with stores of its own behind wires that can be cut: what is done to it meets nobody else. */
export class ChaosWorld {
  readonly wires = new Map<Link, TcpProxy>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'carillon-chaos-'));
  private postgres: RunningPostgres | undefined;
  private pooler: RunningPgBouncer | undefined;
  private redis: ChaosRedis | undefined;
  private running: Installation | undefined;

  private constructor(private readonly options: ChaosWorldOptions) {}

  static async start(options: ChaosWorldOptions): Promise<ChaosWorld> {
    const world = new ChaosWorld(options);
    try {
      await world.up();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  get installation(): Installation {
    if (!this.running) throw new Error('the installation does not run');
    return this.running;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    for (const wire of this.wires.values()) await wire.stop();
    await this.redis?.stop();
    await this.pooler?.stop();
    await this.postgres?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async killRedis(downMs: number): Promise<void> {
    await this.redis?.kill(downMs);
  }

  async wipeRedis(): Promise<void> {
    await this.redis?.wipe();
  }

  /** SIGKILL and, after a while, back with the same data. */
  async killPostgres(downMs: number): Promise<void> {
    kill(this.postgres?.pid);
    await this.postgres?.stop();
    await pause(downMs);
    this.postgres = await this.startPostgres();
  }

  /** What an administrator or a fail-over does: every session ends in the middle of what it does. */
  async dropSessions(): Promise<void> {
    const client = new Client({ connectionString: this.postgres?.superuserUrl });
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'carillon'`,
    );
    await client.end();
  }

  private async up(): Promise<void> {
    this.postgres = await this.startPostgres();
    const folder = join(this.folder, 'redis');
    this.redis = await startChaosRedis(this.options.redis ?? 'single', folder);
    this.running = await Installation.start({
      replicas: this.options.replicas,
      env: { ...this.options.env, ...this.redis.env },
      databaseUrl: this.postgres.url,
      ...(this.redis.url === undefined ? {} : { redisUrl: this.redis.url }),
      rewire: (env) => this.rewire(env),
    });
  }

  private async rewire(env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const through = async (link: Link, url: string, port: () => number): Promise<string> => {
      const wire = this.wires.get(link) ?? (await TcpProxy.start(port));
      this.wires.set(link, wire);
      return wire.through(url);
    };
    const portOf = (url: string) => Number(new URL(url).port);
    const platform = env['DINGTALK_API_URL'] ?? '';
    const platformUrl = await through('platform', platform, () => portOf(platform));
    const database = await this.databaseFor(env['DATABASE_URL'] ?? '');
    return {
      ...database.env,
      DATABASE_URL: await through('postgres', database.url, () => portOf(database.url)),
      ...(this.redis?.url === undefined
        ? {}
        : {
            REDIS_URL: await through('redis', env['REDIS_URL'] ?? '', () =>
              portOf(this.redis?.url ?? ''),
            ),
          }),
      DINGTALK_API_URL: platformUrl,
      DINGTALK_OAPI_URL: platformUrl,
    };
  }

  /** Postgres itself, or the pooler before it, which takes no settings with a connection: the role gets them. */
  private async databaseFor(url: string): Promise<{ url: string; env: Record<string, string> }> {
    if (!this.options.pooled || !this.postgres) return { url, env: {} };
    const schema = /search_path=(\w+)/.exec(new URL(url).searchParams.get('options') ?? '')?.[1];
    const client = new Client({ connectionString: this.postgres.superuserUrl });
    await client.connect();
    await client.query(`ALTER ROLE carillon SET search_path = ${schema}`);
    await client.end();
    this.pooler = await startPgBouncer({
      databaseUrl: this.postgres.url,
      dataDir: join(this.folder, 'pooler'),
      cacheDir: join(projectRoot(), '.data', 'cache'),
    });
    return {
      url: this.pooler.url,
      env: { DATABASE_DIRECT_URL: url, DATABASE_PREPARE: 'off' },
    };
  }

  private startPostgres(): Promise<RunningPostgres> {
    return startPostgres({ dataDir: join(this.folder, 'postgres'), fast: true });
  }
}

function kill(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
