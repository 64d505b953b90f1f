import readWorkbook from 'read-excel-file/node';

import type { Reading, ReadingLimits } from './reading';
import { TextCollector } from './text-collector';

/** The cells of a workbook, sheet by sheet, a line for each row that has any. */
export async function readSheets(
  bytes: Buffer,
  { maxCharacters, maxPages }: ReadingLimits,
): Promise<Pick<Reading, 'text' | 'detail'>> {
  const sheets = await readWorkbook(bytes);
  const collector = new TextCollector(maxCharacters);
  let read = 0;
  for (const { sheet, data } of sheets.slice(0, maxPages)) {
    if (collector.isFull) break;
    const rows = data.map(lineOf).filter((line) => line !== '');
    collector.add(`[sheet “${sheet}”]\n${rows.join('\n')}`);
    read += 1;
  }
  const { text, isCut } = collector;
  return { text, detail: { pages: sheets.length, pagesRead: read, ...(isCut ? { isCut } : {}) } };
}

const lineOf = (row: readonly unknown[]): string =>
  row
    .map(wordsOf)
    .join(' | ')
    .replace(/[\s|]+$/, '');

function wordsOf(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00.000Z$/, '');
  const isPlain = ['string', 'number', 'boolean'].includes(typeof cell);
  return isPlain ? String(cell).replace(/\s+/g, ' ') : '';
}
