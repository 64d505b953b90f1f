import type { IncomingMessage } from 'node:http';

import { BodyRefusedError } from './body-refused.error';

export const MAX_BODY_BYTES = 1_048_576;
/** Bodies in memory at a time, of everybody together: 128 MB at the worst. */
const MAX_OPEN = 128;
/** Of one channel: whoever knows its address fills its own places, not everybody's. */
const MAX_OPEN_EACH = 32;
/** A body of a megabyte takes a second on a slow line; who takes longer only holds a place. */
const PATIENCE_MS = 5_000;

/** Reads bodies into memory, so many, so large and so long. What is too much is not read on (P10). */
export class CallbackBodies {
  private open = 0;
  private readonly openOf = new Map<string, number>();

  /** @param channelId of a channel that exists, as it is written in the address @throws BodyRefusedError */
  async read(request: IncomingMessage, channelId: string): Promise<string> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
      throw new BodyRefusedError('too_large');
    const id = channelId.toLowerCase();
    if (this.open >= MAX_OPEN || (this.openOf.get(id) ?? 0) >= MAX_OPEN_EACH)
      throw new BodyRefusedError('too_many');
    this.count(id, 1);
    try {
      return await collect(request);
    } finally {
      this.count(id, -1);
    }
  }

  private count(id: string, by: 1 | -1): void {
    this.open += by;
    const open = (this.openOf.get(id) ?? 0) + by;
    if (open === 0) this.openOf.delete(id);
    else this.openOf.set(id, open);
  }
}

function collect(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => end(new BodyRefusedError('too_slow')), PATIENCE_MS);
    const end = (refused?: BodyRefusedError): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', end).off('close', onCut).off('error', onCut);
      // Without a listener an error would end the process.
      request.on('error', () => undefined);
      if (!refused) return resolve(Buffer.concat(chunks).toString('utf8'));
      request.pause();
      reject(refused);
    };
    const onCut = (): void => end(new BodyRefusedError('cut_off'));
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return end(new BodyRefusedError('too_large'));
      chunks.push(chunk);
    };
    request.on('data', onData).on('end', end).on('close', onCut).on('error', onCut);
  });
}
