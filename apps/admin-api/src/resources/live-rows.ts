import type { Database, Tx } from '@common/persistence';

import type { Position } from '../http/page';

/** What every row has by which it is listed, matched and told apart. */
export interface LiveRow {
  id: string;
  created_at: Date;
  updated_at: Date;
  revision: number;
  cursor_at: string;
}

interface Table {
  readonly name: string;
  /** What is read of it, beside the columns of every row. */
  readonly columns: string;
  /** Columns that go at once when a row is deleted; the rest stays for history. */
  readonly secrets?: readonly string[];
}

/** Values by column. Columns come from our code alone; one that is undefined is left as it is. */
export type ColumnValues = Readonly<Record<string, unknown>>;

const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

/** Rows of one table by tenant, in order of creation; deleted ones stay for history and are not found. */
export abstract class LiveRows<Row extends LiveRow, Fields> {
  protected readonly columns: string;

  protected constructor(
    protected readonly database: Database,
    private readonly table: Table,
  ) {
    this.columns = `${table.columns}, id, created_at, updated_at, revision, created_at::text AS cursor_at`;
  }

  protected abstract valuesOf(fields: Fields): ColumnValues;

  list(tenantId: string, after: Position | null, limit: number): Promise<Row[]> {
    return this.database.inTenantOnce<Row & Record<string, unknown>>(
      tenantId,
      `SELECT ${this.columns} FROM ${this.table.name} WHERE ${LIVE}
          AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
        ORDER BY created_at, id LIMIT $4`,
      [tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(tenantId: string, id: string): Promise<Row | undefined> {
    const [row] = await this.database.inTenantOnce<Row & Record<string, unknown>>(
      ...([tenantId, this.one, [tenantId, id]] as const),
    );
    return row;
  }

  /** For a change: whoever else changes it waits; whoever only refers to it does not. */
  async lock(tx: Tx, tenantId: string, id: string): Promise<Row | undefined> {
    const text = `${this.one} FOR NO KEY UPDATE`;
    const [row] = await tx.query<Row & Record<string, unknown>>(text, [tenantId, id]);
    return row;
  }

  async insert(tx: Tx, tenantId: string, id: string, fields: Fields): Promise<Row> {
    const [names, values] = given(this.valuesOf(fields));
    const places = values.map((_, n) => `, $${n + 3}`).join('');
    const [row] = await tx.query<Row & Record<string, unknown>>(
      `INSERT INTO ${this.table.name} (${['tenant_id', 'id', ...names].join(', ')})
        VALUES ($1, $2${places}) RETURNING ${this.columns}`,
      [tenantId, id, ...values],
    );
    return row as Row;
  }

  async update(tx: Tx, tenantId: string, id: string, fields: Fields): Promise<Row> {
    const [names, values] = given(this.valuesOf(fields));
    const sets = names.map((name, n) => `${name} = $${n + 3}, `).join('');
    const [row] = await tx.query<Row & Record<string, unknown>>(
      `UPDATE ${this.table.name} SET ${sets}updated_at = now(), revision = revision + 1
        WHERE ${LIVE} AND id = $2 RETURNING ${this.columns}`,
      [tenantId, id, ...values],
    );
    return row as Row;
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<void> {
    const secrets = (this.table.secrets ?? []).map((name) => `, ${name} = NULL`).join('');
    await tx.query(
      `UPDATE ${this.table.name} SET deleted_at = now()${secrets} WHERE ${LIVE} AND id = $2`,
      [tenantId, id],
    );
  }

  private get one(): string {
    return `SELECT ${this.columns} FROM ${this.table.name} WHERE ${LIVE} AND id = $2`;
  }
}

function given(values: ColumnValues): [names: string[], values: unknown[]] {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return [set.map(([name]) => name), set.map(([, value]) => value)];
}
