import { z } from 'zod';

import { InvalidInputError } from './api.errors';

export const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** `?limit=&cursor=` of every list; resources add their filters. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: z.string().max(1_000).optional().describe('`nextCursor` of the page before'),
});

/** A list as clients see it. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Where a page begins: after the row with these sort values. They are text, so that microseconds survive. */
export type Position = readonly string[];

/** One row more than the page is asked for: it tells whether there is a next page. */
export const rowsWanted = (limit: number): number => limit + 1;

/**
 * @param schema of the sort values, so that a made-up cursor is a 400 and not a failed statement
 * @throws InvalidInputError when the cursor is not one of ours
 */
export function readCursor<T extends z.ZodType<Position>>(
  cursor: string | undefined,
  schema: T,
): z.output<T> | null {
  if (cursor === undefined) return null;
  const parsed = schema.safeParse(decoded(cursor));
  if (!parsed.success)
    throw new InvalidInputError([{ path: 'cursor', message: 'is not a cursor of this list' }]);
  return parsed.data;
}

/** Lists in order of creation: (created_at, id). */
export const byCreation = z.tuple([
  z.string().regex(/^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+\d\d(:\d\d)?$/),
  z.uuid(),
]);

export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  parts: { readonly view: (row: Row) => T; readonly position: (row: Row) => Position },
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: shown.map(parts.view),
    nextCursor: hasMore
      ? Buffer.from(JSON.stringify(parts.position(last))).toString('base64url')
      : null,
  };
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not ours: the schema refuses undefined.
    return undefined;
  }
}
