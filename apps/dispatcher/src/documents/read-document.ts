import { extractRawText } from 'mammoth';

import { unpack } from './archive';
import { DocumentError } from './document.errors';
import { DOCX, isText, mediaTypeOf, PDF, PPTX, XLSX, ZIP } from './media-type';
import { readPdf } from './read-pdf';
import type { Reading, ReadingLimits } from './reading';
import { readSheets } from './read-sheets';
import { isSlide, readSlides } from './read-slides';
import { readText } from './read-text';
import { TextCollector } from './text-collector';

/** Looks into a file. Runs in a thread of its own: what a file does to it stays there. Never throws. */
export async function readDocument(
  bytes: Buffer,
  name: string | null,
  limits: ReadingLimits,
): Promise<Reading> {
  const mediaType = mediaTypeOf(bytes, name);
  try {
    return await readAs(mediaType, bytes, limits);
  } catch (error) {
    const trouble = error instanceof DocumentError ? error.trouble : 'file_damaged';
    return { mediaType, text: null, trouble, detail: {} };
  }
}

async function readAs(mediaType: string, bytes: Buffer, limits: ReadingLimits): Promise<Reading> {
  if (mediaType === PDF) return whole(mediaType, await readPdf(bytes, limits));
  if (mediaType === ZIP) return readOffice(bytes, limits);
  if (isText(mediaType)) return whole(mediaType, cut(readText(bytes), limits));
  throw new DocumentError('file_type_unknown');
}

/** Everything is inflated and counted first: the libraries below would inflate without a limit. */
async function readOffice(bytes: Buffer, limits: ReadingLimits): Promise<Reading> {
  const { names, contents } = await unpack(bytes, limits, isSlide);
  if (names.has('word/document.xml'))
    return whole(DOCX, cut((await extractRawText({ buffer: bytes })).value, limits));
  if (names.has('xl/workbook.xml')) return whole(XLSX, await readSheets(bytes, limits));
  if (names.has('ppt/presentation.xml')) return whole(PPTX, readSlides(contents, limits));
  return { mediaType: ZIP, text: null, trouble: 'file_type_unknown', detail: {} };
}

function cut(words: string, { maxCharacters }: ReadingLimits): Pick<Reading, 'text' | 'detail'> {
  const collector = new TextCollector(maxCharacters);
  collector.add(words.replace(/\r\n?/g, '\n').replace(/\n{3,}/g, '\n\n'));
  const { text, isCut } = collector;
  return { text, detail: isCut ? { isCut } : {} };
}

/** A scanned page has no words. */
const whole = (mediaType: string, read: Pick<Reading, 'text' | 'detail'>): Reading =>
  read.text
    ? { mediaType, trouble: null, ...read }
    : { mediaType, text: null, trouble: 'file_no_text', detail: read.detail };
