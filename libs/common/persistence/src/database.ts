import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

import { DatabaseUnavailableError, isDatabaseAway } from './persistence.errors';
import { ALL_TENANTS, PLATFORM, type Scope, SCOPE_SETTING, tenantScope } from './scope';
import { prepareScope, ScopedQuery } from './scoped-query';

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
 * The one door to Postgres. Every statement passes it in a scope, to which row-level security holds it (ADR 22);
 * statements name their tenant all the same.
 */
export class Database {
  private connecting: Promise<void> | undefined;

  /** @param options.prepares statements with a name stay prepared on their connection; false behind a pooler that keeps none */
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: { readonly prepares: boolean } = { prepares: true },
  ) {}

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
    return this.transaction(tenantScope(tenantId), work);
  }

  /** One statement of one tenant, which is its own transaction: one round trip. */
  inTenantOnce<Row extends QueryResultRow>(
    tenantId: string,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(tenantScope(tenantId), statement, values);
  }

  acrossTenants<T>(_reason: AcrossReason, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transaction(ALL_TENANTS, work);
  }

  acrossTenantsOnce<Row extends QueryResultRow>(
    _reason: AcrossReason,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(ALL_TENANTS, statement, values);
  }

  /** Tables that belong to no tenant: incarnations, keys, the schema's state. */
  platformOnce<Row extends QueryResultRow>(
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.once(PLATFORM, statement, values);
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async once<Row extends QueryResultRow>(
    scope: Scope,
    statement: Statement | string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return this.withClient(async (client) => {
      const { prepares } = this.options;
      if (prepares) await prepareScope(client);
      return runScoped<Row>(client, scope, this.named(statement), values, prepares);
    });
  }

  private transaction<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.withClient(async (client, giveUp) => {
      try {
        // One round trip; the scope was checked, so it may stand in the text.
        await run(client, `BEGIN; SET LOCAL ${SCOPE_SETTING} = '${scope}'`, []);
        const result = await work({
          query: (statement, values = []) => run(client, this.named(statement), values),
        });
        await run(client, 'COMMIT', []);
        return result;
      } catch (error) {
        // On a connection that no longer answers a ROLLBACK would only wait.
        if (!(error instanceof DatabaseUnavailableError))
          await client.query('ROLLBACK').catch(giveUp);
        throw error;
      }
    });
  }

  private named(statement: Statement | string): Statement | string {
    if (typeof statement === 'string' || this.options.prepares) return statement;
    const { text, timeoutMs } = statement;
    return timeoutMs === undefined ? text : { text, timeoutMs };
  }

  /** Lends a connection; one that broke, or that may be in an unknown state, is not given to the next. */
  private async withClient<T>(
    work: (client: PoolClient, giveUp: (failure: Error) => void) => Promise<T>,
  ): Promise<T> {
    await this.connect();
    const client = await this.lend();
    let broken: Error | undefined;
    const giveUp = (error: Error): void => void (broken ??= error);
    // A lent connection that dies says so as an event, which ends the process when nobody listens.
    client.on('error', giveUp);
    try {
      return await work(client, giveUp);
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) giveUp(error);
      throw error;
    } finally {
      client.off('error', giveUp);
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
  client: PoolClient,
  statement: Statement | string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    return (await client.query<Row>(configOf(statement, values))).rows;
  } catch (error) {
    throw isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error;
  }
}

function runScoped<Row extends QueryResultRow>(
  client: PoolClient,
  scope: Scope,
  statement: Statement | string,
  values: readonly unknown[],
  isScopePrepared: boolean,
): Promise<Row[]> {
  const config = configOf(statement, values);
  return new Promise<Row[]>((resolve, reject) => {
    const done = (error: Error | undefined, result: { rows: unknown[] }): void => {
      if (!error) resolve(result.rows as Row[]);
      else reject(isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error);
    };
    client.query(new ScopedQuery(scope, config, done, isScopePrepared));
  });
}

/** The driver reads how long to wait from the query itself. */
function configOf(statement: Statement | string, values: readonly unknown[]): QueryConfig {
  const { text, name, timeoutMs }: Statement =
    typeof statement === 'string' ? { text: statement } : statement;
  return {
    text,
    values: values as unknown[],
    ...(name === undefined ? {} : { name }),
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }),
  };
}
