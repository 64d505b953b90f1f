import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Injectable } from '@nestjs/common';

import type { DocumentTask } from './document.worker';
import { imageSize } from './image-size';
import { mediaTypeOf } from './media-type';
import type { Reading } from './reading';

const WORKER = join(__dirname, 'document.worker.js');
/** Documents that one process reads at the same time. */
const AT_ONCE = 2;
const DEADLINE_MS = 15_000;
/** Beyond it the thread ends, and only the thread. */
const MEMORY_MB = 256;

/**
 * Reads documents in threads of their own, one thread for each: a file that never ends, eats memory or breaks its reader
 * costs that thread and nothing else (P10). The threads know no secret: their environment is empty.
 */
@Injectable()
export class DocumentReader {
  private readonly waiting: (() => void)[] = [];
  private readonly workers = new Set<Worker>();
  private busy = 0;

  /** Never throws for what is in the file. @param bytes are given away and empty afterwards */
  async read(
    bytes: Uint8Array,
    name: string | null,
    { workerFile = WORKER, deadlineMs = DEADLINE_MS } = {},
  ): Promise<Reading> {
    const media = mediaOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name);
    if (media) return media;
    await this.enter();
    try {
      return await this.inThread(workerFile, { bytes, name }, deadlineMs);
    } finally {
      this.busy -= 1;
      this.waiting.shift()?.();
    }
  }

  /** Ends whatever is being read. */
  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private async enter(): Promise<void> {
    while (this.busy >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy += 1;
  }

  private inThread(file: string, task: DocumentTask, deadlineMs: number): Promise<Reading> {
    const buffer = task.bytes.buffer as ArrayBuffer;
    const isOwn = task.bytes.byteLength === buffer.byteLength;
    const worker = new Worker(file, {
      workerData: task,
      transferList: isOwn ? [buffer] : [],
      env: {},
      argv: [],
      // What libraries print is nobody's.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 32 },
    });
    this.workers.add(worker);
    return new Promise<Reading>((resolve) => {
      const timer = setTimeout(() => resolve(TOO_MUCH), deadlineMs);
      worker.once('message', (reading: Reading) => resolve(reading));
      // Out of memory, or a fault of a reader.
      worker.once('error', () => resolve(TOO_MUCH));
      worker.once('exit', () => {
        clearTimeout(timer);
        this.workers.delete(worker);
        resolve(TOO_MUCH);
      });
    }).finally(() => void worker.terminate());
  }
}

/** Images, sounds and videos are not read: what their first bytes say is seen at once. */
function mediaOf(bytes: Buffer, name: string | null): Reading | null {
  const mediaType = mediaTypeOf(bytes, name);
  if (!/^(image|audio|video)\//.test(mediaType)) return null;
  return { mediaType, text: null, trouble: null, detail: { ...imageSize(bytes, mediaType) } };
}

const TOO_MUCH: Reading = {
  mediaType: 'application/octet-stream',
  text: null,
  trouble: 'file_too_complex',
  detail: {},
};
