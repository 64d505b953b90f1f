import { type PoolClient, Query, type QueryConfig } from 'pg';

import { DatabaseUnavailableError, isDatabaseAway } from './persistence.errors';
import { PLATFORM, type Scope, SCOPE_SETTING } from './scope';

const SCOPE_STATEMENT = {
  name: 'scope.set',
  text: `SELECT set_config('${SCOPE_SETTING}', $1, true)`,
};
const PREPARED = Symbol('the scope statement is prepared');

/** The columns of a statement's rows, as the driver reads them. */
interface RowDescription {
  readonly fields: unknown[];
}

/**
 * By connection and statement's name. A prepared statement has the same columns as long as it lives: the server refuses it
 * when they have changed. To be told of them each time costs a fifth of a statement, here and there.
 */
const known = new WeakMap<object, Map<string, RowDescription>>();
const nothing = (): void => undefined;

/** What a query of the driver's own writes into its connection; pg-cursor stands on the same. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(config: { name: string; text: string; types: [] }): void;
  bind(config: { statement: string; values: unknown[] }): void;
  execute(config: { rows: number }): void;
  describe(config: object): void;
}
/** The parts of the driver's query that are in no type. */
interface Driven {
  handleRowDescription(message: RowDescription): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: unknown): void;
}

/**
 * One statement in its scope, in one round trip: the scope is set and the statement run before the one Sync that ends
 * both, so they are one transaction and the setting is gone with it. Holds behind a pooler in transaction mode, too.
 */
export class ScopedQuery extends Query {
  private isScopeSet = false;

  constructor(
    private readonly scope: Scope,
    config: QueryConfig,
    done: (error: Error | undefined, result: { rows: unknown[] }) => void,
    /** Without: what sets the scope is sent with it (a pooler that keeps no prepared statements). */
    isScopePrepared = true,
  ) {
    // Never the simple protocol: it would end the transaction that the scope was set in.
    super({ ...config, queryMode: 'extended' } as QueryConfig, done);
    // Where the driver looks for it.
    Object.assign(this, 'query_timeout' in config ? { query_timeout: config.query_timeout } : {});
    const { submit } = this;
    this.submit = (connection) => {
      const wire = connection as unknown as Wire;
      wire.stream.cork();
      try {
        const statement = isScopePrepared ? SCOPE_STATEMENT.name : '';
        if (!isScopePrepared) wire.parse({ name: '', text: SCOPE_STATEMENT.text, types: [] });
        wire.bind({ statement, values: [this.scope] });
        wire.execute({ rows: 0 });
        return this.withKnownColumns(wire, config.name, () => submit.call(this, connection));
      } finally {
        wire.stream.uncork();
      }
    };
    this.leaveOutScope(this as unknown as Driven);
  }

  /** Asks for the columns once per connection and named statement. */
  private withKnownColumns<T>(wire: Wire, name: string | undefined, submit: () => T): T {
    if (name === undefined) return submit();
    const driven = this as unknown as Driven;
    const ofConnection = known.get(wire) ?? new Map<string, RowDescription>();
    known.set(wire, ofConnection);
    const columns = ofConnection.get(name);
    const { describe } = wire;
    const { handleRowDescription } = driven;
    if (columns) {
      handleRowDescription.call(driven, columns);
      wire.describe = nothing;
    } else
      driven.handleRowDescription = (message) => {
        ofConnection.set(name, message);
        handleRowDescription.call(driven, message);
      };
    try {
      return submit();
    } finally {
      wire.describe = describe;
    }
  }

  /** The first row and the first completion are those of the scope. */
  private leaveOutScope(driven: Driven): void {
    const { handleDataRow, handleCommandComplete } = driven;
    driven.handleDataRow = (message) => {
      if (this.isScopeSet) handleDataRow.call(driven, message);
    };
    driven.handleCommandComplete = (message, connection) => {
      if (this.isScopeSet) handleCommandComplete.call(driven, message, connection);
      this.isScopeSet = true;
    };
  }
}

/** Once per connection: what sets the scope is prepared, so that setting it costs no planning. */
export async function prepareScope(client: PoolClient & { [PREPARED]?: true }): Promise<void> {
  if (client[PREPARED]) return;
  await client.query({ ...SCOPE_STATEMENT, values: [PLATFORM] }).catch((error: unknown) => {
    throw isDatabaseAway(error) ? new DatabaseUnavailableError(error) : error;
  });
  client[PREPARED] = true;
}
