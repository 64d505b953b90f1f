import { createHash } from 'node:crypto';

import { ObjectTooLargeError, type StoredObject } from './object-store.port';

/** Lets bytes through, counts and hashes them, and ends where there are too many. */
export class Measured {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(
    private readonly content: AsyncIterable<Uint8Array>,
    private readonly maxBytes: number,
  ) {}

  /** Once. @throws ObjectTooLargeError */
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for await (const chunk of this.content) {
      this.bytes += chunk.length;
      if (this.bytes > this.maxBytes) throw new ObjectTooLargeError(this.maxBytes);
      this.hash.update(chunk);
      yield chunk;
    }
  }

  /** When everything was read. */
  get result(): StoredObject {
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
