import { AsyncLocalStorage } from 'node:async_hooks';

/** Rides in every job and on every log line; nobody passes it by hand. */
export interface Correlation {
  readonly correlationId: string;
  readonly jobId?: string | undefined;
}

export const correlation = new AsyncLocalStorage<Correlation>();
