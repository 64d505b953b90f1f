import { SecretBox } from '@common/kernel';

import type { Database, Tx } from '../database';
import { SEALED_COLUMNS, type SealedTable } from './sealed-columns';

/** Rows that one transaction looks at. */
const WINDOW = 2_000;
/** Passes through a table before the others have their turn. */
const MAX_PASSES = 5;

export interface KeyUse {
  readonly id: string;
  readonly retiredAt: Date | null;
  readonly firstUsedAt: Date;
  /** Sealed values of this key; null when they could not be counted in time. */
  readonly values: number | null;
}
export interface KeyHolder {
  readonly id: string;
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  /** What it seals with; null: it does not say. */
  readonly seals: string | null;
  /** Keys of values in use, or to come, that it cannot open. */
  readonly lacks: readonly string[];
}
export interface KeyReport {
  readonly keys: readonly KeyUse[];
  /** Living processes that seal with another key, or do not say. */
  readonly waitingFor: readonly KeyHolder[];
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
  found: string;
  left_behind: Record<string, number>;
}
/** Values of one column that are sealed anew: what is there, and what takes its place. */
interface Change {
  readonly id: string;
  readonly was: Buffer;
  readonly is: Buffer;
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

  /**
   * Goes through all that is not known to be sealed with the first key. Begins when every living process seals with it.
   * @param mayRetire whether nothing outside the tables needs an older key
   */
  async run(
    signal: AbortSignal,
    mayRetire: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<void> {
    if ((await this.waitingFor()).length > 0) return;
    for (const table of SEALED_COLUMNS) await this.walk(table, signal);
    if (!signal.aborted && (await mayRetire())) await this.retire();
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
    const isUsed = (id: string): boolean => waitingFor.some(({ seals }) => seals === id);
    return {
      waitingFor,
      keys: keys.map(({ id, first_used_at: firstUsedAt, retired_at: retiredAt }) => ({
        ...{ id, firstUsedAt },
        // Somebody may have used it again, or seals with it still.
        retiredAt: (counts?.get(id) ?? 0) > 0 || isUsed(id) ? null : retiredAt,
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

  /** Rows may have been copied to where the walk had been: it goes on until a pass finds none. */
  private async walk(table: SealedTable, signal: AbortSignal): Promise<void> {
    for (let passes = 0; passes < MAX_PASSES && !signal.aborted;) {
      const came = await this.step(table);
      if (came === 'done') return;
      if (came === 'again') passes += 1;
    }
  }

  /** One window of one table. @returns `done` when the walk is over, or somebody else is at it */
  private step(table: SealedTable): Promise<'more' | 'again' | 'done'> {
    return this.database.acrossTenants('reconcile', async (tx) => {
      const walk = await this.walkOf(tx, table);
      if (!walk || walk.finished_at) return 'done';
      const rows = await tx.query<SealedRow & { last: string | null; seen: number }>(
        windowOf(table),
        [...[walk.after_id, WINDOW, this.box.primaryKeyId]],
      );
      const [{ last, seen } = { last: null, seen: 0 }] = rows;
      const left = { ...walk.left_behind };
      const foreign = rows.filter(({ id }) => id);
      let resealed = 0;
      for (const column of table.columns)
        resealed += await this.reseal(tx, table, column, this.changesOf(foreign, column, left));
      const found = Number(walk.found) + resealed;
      if (seen < WINDOW && found > 0) {
        await tx.query(AGAIN, [table.table, resealed]);
        return 'again';
      }
      const isOver = seen < WINDOW;
      await tx.query(NOTE, [
        ...[table.table, last ?? walk.after_id, resealed, JSON.stringify(left), isOver],
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

  private changesOf(
    rows: readonly SealedRow[],
    column: string,
    left: Record<string, number>,
  ): Change[] {
    const { primaryKeyId, keyIds } = this.box;
    return rows.flatMap(({ id, [column]: was }) => {
      if (!Buffer.isBuffer(was)) return [];
      const keyId = SecretBox.keyIdOf(was);
      // Erased: nothing is sealed in it.
      if (keyId === '' || keyId === primaryKeyId) return [];
      if (keyIds.includes(keyId))
        return [{ id, was, is: this.box.seal(this.box.open(was), primaryKeyId) }];
      left[keyId] = (left[keyId] ?? 0) + 1;
      return [];
    });
  }

  private async reseal(
    tx: Tx,
    table: SealedTable,
    column: string,
    changes: readonly Change[],
  ): Promise<number> {
    if (changes.length > 0)
      await tx.query(writeOf(table, column), [
        changes.map(({ id }) => id),
        changes.map(({ was }) => was),
        changes.map(({ is }) => is),
      ]);
    return changes.length;
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

  private waitingFor(): Promise<KeyHolder[]> {
    return this.database.platformOnce<KeyHolder & Record<string, unknown>>(WAITING_FOR, [
      this.box.primaryKeyId,
    ]);
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
  `UPDATE ${table.table} SET ${column} = ${table.isJson ? `jsonb_build_object('sealed', encode(v.is_now, 'base64'))` : 'v.is_now'}
     FROM unnest($1::${isUuid(table) ? 'uuid' : 'text'}[], $2::bytea[], $3::bytea[]) AS v (row_id, was, is_now)
    WHERE ${isUuid(table) ? 'id' : `(${table.id})`} = v.row_id AND ${read(table, column)} = v.was`;

const WAITING_FOR = `
SELECT i.id, i.service, i.host, i.pid, i.sealing_key AS seals,
       ARRAY(SELECT k.id FROM (SELECT id FROM master_key WHERE retired_at IS NULL UNION SELECT $1::text) k
              WHERE NOT EXISTS (SELECT 1 FROM unnest(COALESCE(i.known_keys, ARRAY[i.sealing_key])) AS h (key)
                                 WHERE split_part(h.key, '#', 1) = k.id) ORDER BY k.id) AS lacks
  FROM incarnation i
 WHERE i.stopped_at IS NULL AND i.seen_at > now() - interval '10 seconds' AND i.sealing_key IS DISTINCT FROM $1
 ORDER BY i.service, i.started_at, i.id`;

/** Since the walk began somebody sealed with another key, perhaps where it had been already. */
const sealedMeanwhile = (keyId: string): string => `EXISTS (
  SELECT 1 FROM incarnation i WHERE i.sealing_key IS DISTINCT FROM ${keyId} AND COALESCE(i.stopped_at, i.seen_at) > w.started_at
  UNION ALL SELECT 1 FROM master_key m WHERE m.id <> ${keyId} AND m.chosen_at > w.started_at)`;

// A walk for another key begins anew; so does one that left values behind whose key is there again, and one that others
// went behind.
const BEGIN = `
INSERT INTO reseal_walk AS w (target, key_id) VALUES ($1, $2)
ON CONFLICT (target) DO UPDATE SET key_id = $2, after_id = NULL, resealed = 0, found = 0, left_behind = '{}', started_at = now(), finished_at = NULL
  WHERE w.key_id <> $2 OR (w.finished_at IS NOT NULL AND (w.left_behind ?| $3::text[] OR ${sealedMeanwhile('$2')}))`;
const NOTE = `
UPDATE reseal_walk SET after_id = $2, resealed = resealed + $3, found = found + $3, left_behind = $4, finished_at = CASE WHEN $5 THEN now() END
 WHERE target = $1`;
/** From the first row on, once more. */
const AGAIN = `
UPDATE reseal_walk SET after_id = NULL, resealed = resealed + $2, found = 0, left_behind = '{}' WHERE target = $1`;
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
