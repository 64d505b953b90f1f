import { parentPort, workerData } from 'node:worker_threads';

import { readDocument } from './read-document';
import { READING_LIMITS } from './reading';

/** What the thread is given: the bytes of one file, and what it is called. */
export interface DocumentTask {
  readonly bytes: Uint8Array;
  readonly name: string | null;
}

/** The thread that reads one document, and ends. */
const { bytes, name } = workerData as DocumentTask;
void readDocument(Buffer.from(bytes), name, READING_LIMITS).then((reading) =>
  parentPort?.postMessage(reading),
);
