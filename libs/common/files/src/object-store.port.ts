import type { Readable } from 'node:stream';

import { AppError } from '@common/kernel';

/** What was written. */
export interface StoredObject {
  readonly bytes: number;
  /** Of the content, as hex. */
  readonly sha256: string;
}

/** More bytes came than were allowed; nothing was kept. */
export class ObjectTooLargeError extends AppError {
  readonly code = 'object_too_large';
  readonly retry = 'never';

  constructor(readonly maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
  }
}

/** There is nothing under this key. */
export class ObjectMissingError extends AppError {
  readonly code = 'object_missing';
  readonly retry = 'never';

  constructor() {
    super('the file is not in the store any more');
  }
}

/** The store cannot be reached or has no room. */
export class ObjectStoreUnavailableError extends AppError {
  readonly code = 'object_store_unavailable';
  readonly retry = 'backoff';

  /** @param reason an error code, e.g. `ENOSPC`; causes of HTTP clients may quote secrets and are left out */
  constructor(reason: string) {
    super(`the store of files cannot be used (${reason})`, { details: { reason } });
  }
}

/** Where bytes live. Keys are made by `objectKey`. */
export abstract class ObjectStore {
  /**
   * Writes what comes, whole or not at all; an object of this key is replaced.
   * @throws ObjectTooLargeError beyond `maxBytes`, as soon as they have come
   * @throws ObjectStoreUnavailableError; an AppError that `content` throws comes through as it is
   */
  abstract write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredObject>;

  /** @throws ObjectMissingError · ObjectStoreUnavailableError */
  abstract open(key: string): Promise<Readable>;

  /** What is not there is no error. @throws ObjectStoreUnavailableError */
  abstract remove(key: string): Promise<void>;

  /** @throws ObjectTooLargeError · ObjectMissingError · ObjectStoreUnavailableError */
  async read(key: string, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of await this.open(key)) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw new ObjectTooLargeError(maxBytes);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  }

  /** Ends its connections. */
  abstract close(): Promise<void>;
}
