import { AsyncLocalStorage } from 'node:async_hooks';

/** The write that carries an `Idempotency-Key`, while it runs: so that its answer can be kept in its transaction. */
export interface RunningWrite {
  readonly scope: string;
  readonly key: string;
  /** Status the route answers with when it succeeds. */
  readonly status: number;
  isKept: boolean;
}

export const runningWrite = new AsyncLocalStorage<RunningWrite>();
