import { parentPort, workerData } from 'node:worker_threads';

import { limitBuffers } from './buffer-limit';
import type * as Reader from './read-document';
import { READING_LIMITS } from './reading';

/** What the thread is given: the bytes of one file, and what it is called. */
export interface DocumentTask {
  readonly bytes: Uint8Array;
  readonly name: string | null;
}

/** The thread that reads one document, and ends. */
const { bytes, name } = workerData as DocumentTask;
const given = Buffer.from(bytes);
limitBuffers(READING_LIMITS.maxInflatedBytes);
// Not imported: the readers take hold of what is limited by now.
const { readDocument } = require('./read-document') as typeof Reader;
void readDocument(given, name, READING_LIMITS).then((reading) => parentPort?.postMessage(reading));
