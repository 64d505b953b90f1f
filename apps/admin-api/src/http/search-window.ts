import { z } from 'zod';

import { type Page, type Position, toPage } from './page';

/** Rows that one page of a search goes through at most; a text may be in any of them, or in none. */
export const SEARCH_WINDOW = 20_000;

/** What to look for: anywhere in a text, whatever its case; Chinese needs no words to be told apart. */
export const searchText = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), {
    message: 'is not well formed',
  });

/** The pattern of ILIKE for a text that stands for itself. */
export const likePattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** A page of a search: it may be short and yet have a next one, when the window was through before the page was full. */
export function toSearchPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  parts: {
    readonly view: (row: Row) => T;
    readonly position: (row: Row) => Position;
    /** Where the window ended; null: with the last row there is. */
    readonly windowEnd: Position | null;
  },
): Page<T> {
  const page = toPage(rows, limit, parts);
  if (page.nextCursor !== null || parts.windowEnd === null) return page;
  return {
    ...page,
    nextCursor: Buffer.from(JSON.stringify(parts.windowEnd)).toString('base64url'),
  };
}
