import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

import { DocumentError } from './document.errors';
import type { ReadingLimits } from './reading';

const MOST_ENTRIES = 5_000;

/**
 * The files in an archive, inflated once and counted while doing so: an archive that says it is small and is not (a zip
 * bomb) ends at the limit, whatever its directory claims.
 * @param wanted which of them are kept
 * @returns all names, and the content of those that are wanted
 * @throws DocumentError
 */
export async function unpack(
  bytes: Buffer,
  { maxInflatedBytes }: ReadingLimits,
  wanted: (name: string) => boolean = () => false,
): Promise<{ names: ReadonlySet<string>; contents: ReadonlyMap<string, Buffer> }> {
  const names = new Set<string>();
  const contents = new Map<string, Buffer>();
  let left = maxInflatedBytes;
  const zip = await opened(bytes);
  for await (const entry of entriesOf(zip)) {
    names.add(entry.fileName);
    if (names.size > MOST_ENTRIES) throw new DocumentError('file_too_complex');
    if ((entry.generalPurposeBitFlag & 1) === 1) throw new DocumentError('file_encrypted');
    const keeps = wanted(entry.fileName);
    const chunks: Buffer[] = [];
    for await (const chunk of await streamOf(zip, entry)) {
      left -= (chunk as Buffer).length;
      if (left < 0) throw new DocumentError('file_too_complex');
      if (keeps) chunks.push(chunk as Buffer);
    }
    if (keeps) contents.set(entry.fileName, Buffer.concat(chunks));
  }
  return { names, contents };
}

const opened = (bytes: Buffer): Promise<ZipFile> =>
  new Promise((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(new DocumentError('file_damaged')) : resolve(zip),
    ),
  );

async function* entriesOf(zip: ZipFile): AsyncIterable<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const done = (found: Entry | null): void => {
        zip.removeAllListeners();
        resolve(found);
      };
      zip.once('entry', done);
      zip.once('end', () => done(null));
      zip.once('error', () => reject(new DocumentError('file_damaged')));
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

const streamOf = (zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) =>
      error ? reject(new DocumentError('file_damaged')) : resolve(stream),
    ),
  );
