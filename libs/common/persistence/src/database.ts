import type { Pool, PoolClient, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

import { isUuid } from '@common/kernel';

import { DatabaseUnavailableError, isDatabaseAway } from './persistence.errors';

/** One statement. A `name` makes it prepared once per connection: set it on hot paths (and never reuse it for other text). */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  /** How long we wait for its answer, in ms; then its connection is given up and the outcome unknown. Unset: 20 s. */
  readonly timeoutMs?: number;
}

/** An open transaction (or a single statement's connection): what repositories take. */
export interface Tx {
  /** @throws the driver's error, or DatabaseUnavailableError when the server is away */
  query<Row extends QueryResultRow>(
    statement: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

/** Why rows of all tenants are touched; only these four may (design §3). */
export type AcrossReason = 'journal' | 'sweeper' | 'reaper' | 'reconcile';

/**
 * The one door to Postgres. Tenant code goes through `inTenant`, so row-level security can be switched on without
 * touching a query; statements name their tenant all the same.
 */
export class Database {
  private connecting: Promise<void> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Connects on first use; a failure is forgotten, so that a store that comes later is found. */
  async connect(): Promise<void> {
    if (this.dataSource.isInitialized) return;
    this.connecting ??= this.dataSource.initialize().then(
      () => this.survivePoolErrors(),
      (error: unknown) => {
        this.connecting = undefined;
        throw isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error;
      },
    );
    await this.connecting;
  }

  /** Runs `work` in one transaction of this tenant. Never hold it across a network call. */
  inTenant<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!isUuid(tenantId)) throw new TypeError('tenant id must be a uuid');
    // One round trip; the id was checked, so it may stand in the text.
    return this.transaction(`BEGIN; SET LOCAL app.tenant_id = '${tenantId}'`, work);
  }

  /** One statement of one tenant, which is its own transaction: one round trip. */
  inTenantOnce<Row extends QueryResultRow>(
    _tenantId: string,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(statement, values);
  }

  acrossTenants<T>(_reason: AcrossReason, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transaction('BEGIN', work);
  }

  acrossTenantsOnce<Row extends QueryResultRow>(
    _reason: AcrossReason,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(statement, values);
  }

  /** Tables that belong to no tenant: incarnations, keys, the schema's state. */
  platformOnce<Row extends QueryResultRow>(
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(statement, values);
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async once<Row extends QueryResultRow>(
    statement: Statement | string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    await this.connect();
    return run<Row>(this.pool, statement, values);
  }

  private async transaction<T>(begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.connect();
    const client = await this.lend();
    let broken: Error | undefined;
    // A lent connection that dies says so as an event, which ends the process when nobody listens.
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      await run(client, begin, []);
      const result = await work({
        query: (statement, values = []) => run(client, statement, values),
      });
      await run(client, 'COMMIT', []);
      return result;
    } catch (error) {
      // On a connection that no longer answers a ROLLBACK would only wait.
      if (error instanceof DatabaseUnavailableError) broken ??= error;
      else await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.off('error', onError);
      // A connection that cannot even roll back is not given to the next one.
      client.release(broken);
    }
  }

  private async lend(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error;
    }
  }

  private get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }

  /** An idle connection that dies must not end the process; its next user gets a new one. */
  private survivePoolErrors(): void {
    this.pool.removeAllListeners('error');
    this.pool.on('error', () => undefined);
  }
}

async function run<Row extends QueryResultRow>(
  on: Pool | PoolClient,
  statement: Statement | string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    const { text, name, timeoutMs }: Statement =
      typeof statement === 'string' ? { text: statement } : statement;
    const config = {
      text,
      values: values as unknown[],
      ...(name === undefined ? {} : { name }),
      ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }),
    };
    return (await on.query<Row>(config)).rows;
  } catch (error) {
    throw isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error;
  }
}
