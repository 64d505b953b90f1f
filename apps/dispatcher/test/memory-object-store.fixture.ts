import { Readable } from 'node:stream';

import {
  ObjectMissingError,
  ObjectStore,
  ObjectTooLargeError,
  type StoredObject,
} from '@common/files';

/** A store that remembers. */
export class MemoryObjectStore extends ObjectStore {
  readonly objects = new Map<string, Buffer>();

  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredObject> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    if (whole.length > maxBytes) throw new ObjectTooLargeError(maxBytes);
    this.objects.set(key, whole);
    return { bytes: whole.length, sha256: 'hash' };
  }

  open(key: string): Promise<Readable> {
    const found = this.objects.get(key);
    return found
      ? Promise.resolve(Readable.from([found]))
      : Promise.reject(new ObjectMissingError());
  }

  remove(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
