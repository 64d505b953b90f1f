import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Measured } from './measured';
import { mustBeKey } from './object-key';
import {
  ObjectMissingError,
  ObjectStore,
  ObjectStoreUnavailableError,
  type StoredObject,
} from './object-store.port';

/** Files in a folder of this machine, or of a volume that all machines mount. */
export class FolderObjectStore extends ObjectStore {
  private readonly root: string;

  constructor(folder: string) {
    super();
    this.root = resolve(folder);
  }

  /** Under another name first, so that nobody ever sees half of an object. */
  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredObject> {
    const path = this.pathOf(key);
    const draft = `${path}.${randomUUID()}.part`;
    const measured = new Measured(content, maxBytes);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await pipeline(Readable.from(measured), createWriteStream(draft, { mode: 0o600 }));
      await rename(draft, path);
      return measured.result;
    } catch (error) {
      await rm(draft, { force: true });
      throw storeFault(error) ?? error;
    }
  }

  async open(key: string): Promise<Readable> {
    try {
      // Opened here, so that what is missing is known before anything is read.
      return (await open(this.pathOf(key))).createReadStream();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw new ObjectMissingError();
      throw storeFault(error) ?? error;
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await rm(this.pathOf(key), { force: true });
    } catch (error) {
      throw storeFault(error) ?? error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private pathOf(key: string): string {
    return join(this.root, mustBeKey(key));
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** Only what the file system says carries a system call. */
function storeFault(error: unknown): ObjectStoreUnavailableError | null {
  const isOfFileSystem = error instanceof Error && 'syscall' in error && 'path' in error;
  return isOfFileSystem ? new ObjectStoreUnavailableError(String(codeOf(error))) : null;
}
