import { SecretBox } from '@common/kernel';

import type { Database, Tx } from '../database';
import { SEALED_COLUMNS, type SealedTable } from './sealed-columns';

/** Rows that one transaction looks at. */
const WINDOW = 2_000;

export interface KeyUse {
  readonly id: string;
  readonly retiredAt: Date | null;
  readonly firstUsedAt: Date;
  /** Sealed values of this key; null when they could not be counted in time. */
  readonly values: number | null;
}
export interface KeyReport {
  readonly keys: readonly KeyUse[];
  /** Living processes that seal with another key, or do not say. */
  readonly waitingFor: number;
  readonly walks: readonly {
    readonly target: string;
    readonly resealed: number;
    readonly leftBehind: Readonly<Record<string, number>>;
    readonly isFinished: boolean;
  }[];
}

type SealedRow = { id: string } & Record<string, Buffer | string | null>;
interface Walk {
  after_id: string | null;
  finished_at: Date | null;
  left_behind: Record<string, number>;
}

/**
 * Seals what older keys sealed anew with the first one, in small transactions, while everything runs. Every write is
 * guarded by the bytes it replaces, so a secret that somebody writes meanwhile stays. Several may run: one at a time walks
 * through a table.
 */
export class Resealer {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  /** Goes through all that is not known to be sealed with the first key. Begins when every living process seals with it. */
  async run(signal: AbortSignal): Promise<void> {
    if ((await this.waitingFor()) > 0) return;
    for (const table of SEALED_COLUMNS)
      while (!signal.aborted && (await this.step(table)) === 'more');
    if (!signal.aborted) await this.retire();
  }

  async report(): Promise<KeyReport> {
    const [keys, walks, waitingFor, counts] = await Promise.all([
      this.database.platformOnce<{ id: string; first_used_at: Date; retired_at: Date | null }>(
        'SELECT id, first_used_at, retired_at FROM master_key ORDER BY first_used_at, id',
      ),
      this.database.platformOnce<Walk & { target: string; resealed: string }>(
        'SELECT * FROM reseal_walk WHERE key_id = $1 ORDER BY target',
        [this.box.primaryKeyId],
      ),
      this.waitingFor(),
      this.count().catch(() => null),
    ]);
    return {
      waitingFor,
      keys: keys.map(({ id, first_used_at: firstUsedAt, retired_at: retiredAt }) => ({
        ...{ id, firstUsedAt, retiredAt },
        values: counts && (counts.get(id) ?? 0),
      })),
      walks: walks.map((walk) => ({
        target: walk.target,
        resealed: Number(walk.resealed),
        leftBehind: walk.left_behind,
        isFinished: walk.finished_at !== null,
      })),
    };
  }

  /** One window of one table. @returns `done` when the walk is over, or somebody else is at it */
  private step(table: SealedTable): Promise<'more' | 'done'> {
    return this.database.acrossTenants('reconcile', async (tx) => {
      const walk = await this.walkOf(tx, table);
      if (!walk || walk.finished_at) return 'done';
      const rows = await tx.query<SealedRow & { last: string | null; seen: number }>(
        windowOf(table),
        [...[walk.after_id, WINDOW, this.box.primaryKeyId]],
      );
      const [{ last, seen } = { last: null, seen: 0 }] = rows;
      const left = { ...walk.left_behind };
      let resealed = 0;
      for (const row of rows) if (row.id) resealed += await this.reseal(tx, table, row, left);
      const isOver = seen < WINDOW;
      await tx.query(NOTE, [
        table.table,
        last ?? walk.after_id,
        resealed,
        JSON.stringify(left),
        isOver,
      ]);
      return isOver ? 'done' : 'more';
    });
  }

  private async walkOf(tx: Tx, { table }: SealedTable): Promise<Walk | undefined> {
    await tx.query(BEGIN, [table, this.box.primaryKeyId, this.box.keyIds]);
    const [walk] = await tx.query<Walk & Record<string, unknown>>(
      'SELECT * FROM reseal_walk WHERE target = $1 AND key_id = $2 FOR UPDATE SKIP LOCKED',
      [table, this.box.primaryKeyId],
    );
    return walk;
  }

  private async reseal(
    tx: Tx,
    table: SealedTable,
    row: SealedRow,
    left: Record<string, number>,
  ): Promise<number> {
    let resealed = 0;
    for (const column of table.columns) {
      const sealed = row[column];
      if (!Buffer.isBuffer(sealed)) continue;
      const keyId = SecretBox.keyIdOf(sealed);
      // Erased: nothing is sealed in it.
      if (keyId === '' || keyId === this.box.primaryKeyId) continue;
      if (this.box.keyIds.includes(keyId)) {
        await tx.query(writeOf(table, column), [
          row.id,
          sealed,
          this.box.seal(this.box.open(sealed)),
        ]);
        resealed += 1;
      } else left[keyId] = (left[keyId] ?? 0) + 1;
    }
    return resealed;
  }

  /** Once every walk is over, keys that nothing is sealed with are not needed any more; others are. */
  private async retire(): Promise<void> {
    const { primaryKeyId } = this.box;
    await this.database.platformOnce(RETIRE, [
      primaryKeyId,
      SEALED_COLUMNS.map(({ table }) => table),
    ]);
    await this.database.platformOnce(REMEMBER, [primaryKeyId]);
  }

  private async waitingFor(): Promise<number> {
    const [row] = await this.database.platformOnce<{ n: number }>(
      `SELECT count(*)::int AS n FROM incarnation
        WHERE stopped_at IS NULL AND seen_at > now() - interval '10 seconds' AND sealing_key IS DISTINCT FROM $1`,
      [this.box.primaryKeyId],
    );
    return row?.n ?? 0;
  }

  private async count(): Promise<Map<string, number>> {
    const parts = SEALED_COLUMNS.flatMap((table) =>
      table.columns.map(
        (column) =>
          `SELECT sealed_key(${read(table, column)}) AS id FROM ${table.table} WHERE ${column} IS NOT NULL`,
      ),
    );
    const rows = await this.database.acrossTenantsOnce<{ id: string; n: number }>('reconcile', {
      text: `SELECT id, count(*)::int AS n FROM (${parts.join(' UNION ALL ')}) v WHERE id <> '' GROUP BY id`,
      timeoutMs: 10_000,
    });
    return new Map(rows.map(({ id, n }) => [id, n]));
  }
}

const read = ({ isJson }: SealedTable, column: string): string =>
  isJson ? `decode(${column} ->> 'sealed', 'base64')` : column;

/** The next rows by id; of them those with a value of another key, and in every row where the window ends. */
function windowOf(table: SealedTable): string {
  const values = table.columns.map((column) => `${read(table, column)} AS ${column}`);
  const foreign = table.columns.map((column) => `sealed_key(${column}) NOT IN ($3, '')`);
  const names = table.columns.join(', ');
  return `
WITH w AS (SELECT (${table.id})::text AS id, ${values.join(', ')} FROM ${table.table}
            WHERE $1::text IS NULL OR ${isUuid(table) ? 'id > $1::uuid' : `(${table.id}) > $1`} ORDER BY ${table.id} LIMIT $2)
SELECT o.last, o.seen, f.* FROM (SELECT (array_agg(id ORDER BY id DESC))[1] AS last, count(*)::int AS seen FROM w) o
  LEFT JOIN (SELECT id, ${names} FROM w WHERE ${foreign.join(' OR ')}) f ON true`;
}

const isUuid = ({ id }: SealedTable): boolean => id === 'id';

const writeOf = (table: SealedTable, column: string): string =>
  `UPDATE ${table.table} SET ${column} = ${table.isJson ? `jsonb_build_object('sealed', encode($3::bytea, 'base64'))` : '$3'}
    WHERE ${isUuid(table) ? 'id = $1::uuid' : `(${table.id}) = $1`} AND ${read(table, column)} = $2`;

/** Since the walk began somebody sealed with another key, perhaps where it had been already. */
const sealedMeanwhile = (keyId: string): string => `EXISTS (
  SELECT 1 FROM incarnation i WHERE i.sealing_key IS DISTINCT FROM ${keyId} AND COALESCE(i.stopped_at, i.seen_at) > w.started_at)`;

// A walk for another key begins anew; so does one that left values behind whose key is there again, and one that others
// went behind.
const BEGIN = `
INSERT INTO reseal_walk AS w (target, key_id) VALUES ($1, $2)
ON CONFLICT (target) DO UPDATE SET key_id = $2, after_id = NULL, resealed = 0, left_behind = '{}', started_at = now(), finished_at = NULL
  WHERE w.key_id <> $2 OR (w.finished_at IS NOT NULL AND (w.left_behind ?| $3::text[] OR ${sealedMeanwhile('$2')}))`;
const NOTE = `
UPDATE reseal_walk SET after_id = $2, resealed = resealed + $3, left_behind = $4, finished_at = CASE WHEN $5 THEN now() END
 WHERE target = $1`;
const RETIRE = `
UPDATE master_key k SET retired_at = now()
 WHERE k.id <> $1 AND k.retired_at IS NULL
   AND (SELECT count(*) FROM reseal_walk w WHERE w.key_id = $1 AND w.target = ANY ($2) AND w.finished_at IS NOT NULL
          AND NOT ${sealedMeanwhile('$1')}) = cardinality($2)
   AND NOT EXISTS (SELECT 1 FROM reseal_walk w WHERE w.left_behind ? k.id)`;
const REMEMBER = `
INSERT INTO master_key (id, fingerprint)
SELECT DISTINCT o.id, '' FROM reseal_walk w, jsonb_object_keys(w.left_behind) AS o (id) WHERE w.key_id = $1 AND o.id <> ''
ON CONFLICT (id) DO UPDATE SET retired_at = NULL WHERE master_key.retired_at IS NOT NULL`;
