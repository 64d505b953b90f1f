import { getDocumentProxy } from 'unpdf';

import { DocumentError } from './document.errors';
import type { Reading, ReadingLimits } from './reading';
import { TextCollector } from './text-collector';

/** The words of a PDF, page by page; nothing is drawn, and no script in it runs. @throws DocumentError */
export async function readPdf(
  bytes: Buffer,
  limits: ReadingLimits,
): Promise<Pick<Reading, 'text' | 'detail'>> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes), {
    isEvalSupported: false,
    disableFontFace: true,
    verbosity: 0,
  }).catch((error: unknown) => {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw new DocumentError(isLocked ? 'file_encrypted' : 'file_damaged');
  });
  const collector = new TextCollector(limits.maxCharacters);
  const most = Math.min(pdf.numPages, limits.maxPages);
  let n = 0;
  while (n < most && !collector.isFull) {
    n += 1;
    const page = await pdf.getPage(n);
    const { items } = await page.getTextContent();
    collector.add(items.map(wordsOf).join(''));
    page.cleanup();
  }
  const { text, isCut } = collector;
  return { text, detail: { pages: pdf.numPages, pagesRead: n, ...(isCut ? { isCut } : {}) } };
}

/** Marked content between the words has no `str`. */
const wordsOf = (item: object): string => {
  if (!('str' in item)) return '';
  return `${String(item.str)}${'hasEOL' in item && item.hasEOL ? '\n' : ''}`;
};
