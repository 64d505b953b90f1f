import { randomBytes } from 'node:crypto';

import Redis from 'ioredis';
import { Pool, type QueryResultRow } from 'pg';

/** A Postgres schema and a Redis prefix of one spec file's own, so that files run in parallel. Empty: migrate it. */
export class OwnStores {
  private constructor(
    /** Leads into the schema. */
    readonly databaseUrl: string,
    readonly redisUrl: string,
    /** For `new RedisKeys(…)`. */
    readonly prefix: string,
    private readonly admin: Pool,
  ) {}

  /** @param env `process.env`: DATABASE_URL and REDIS_URL, as `npm test` gives them */
  static async open(env: NodeJS.ProcessEnv): Promise<OwnStores> {
    const { DATABASE_URL, REDIS_URL } = env;
    if (!DATABASE_URL || !REDIS_URL) throw new Error('this spec needs DATABASE_URL and REDIS_URL');
    const name = `spec_${randomBytes(6).toString('hex')}`;
    const url = `${DATABASE_URL}${DATABASE_URL.includes('?') ? '&' : '?'}options=-c%20search_path%3D${name}`;
    const admin = new Pool({ connectionString: url, max: 5 });
    await admin.query(`CREATE SCHEMA ${name}`);
    // The code under test sees nothing of tenants unless it says whose: a statement that forgets to finds no rows.
    return new OwnStores(`${url}%20-c%20carillon.tenant%3D-`, REDIS_URL, name, admin);
  }

  async sql<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.admin.query<Row>(text, [...values])).rows;
  }

  /** The first row. @throws when there is none */
  async one<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row> {
    const [row] = await this.sql<Row>(text, values);
    if (!row) throw new Error(`no row: ${text}`);
    return row;
  }

  /** Takes schema and keys away again. */
  async close(): Promise<void> {
    await this.admin.query(`DROP SCHEMA ${this.prefix} CASCADE`);
    await this.admin.end();
    const redis = new Redis(this.redisUrl);
    for await (const keys of redis.scanStream({ match: `*${this.prefix}*`, count: 1_000 }))
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
    redis.disconnect();
  }
}
